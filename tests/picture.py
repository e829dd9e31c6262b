"""The picture of the README: the window while a frame of a real capture is stepped.

`python -m tests.picture CAPTURE [OUT.png] [--theme light]`, with the corpus' capture of a SCADA gateway.
The policy is the first story's, over that network's addresses.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest

from engine.debugger.moves import StepKind
from engine.frames.capture import open_capture
from engine.resources import resource
from engine.trace import events as ev
from gui.app.start import make_application
from gui.main_window import MainWindow
from gui.models.stories import first_story
from gui.session_bridge import SessionBridge
from gui.session_bridge.worker import close_event_loop
from gui.settings import Store
from gui.theme import theme_manager
from tests.screenshots import settle

FRAME = 22
SIZE = (1680, 1000)
RENAMED = (
    ("02:00:00:00:00:01", "00:00:0c:ae:73:4f"),
    ("02:00:00:00:0b:31", "00:00:0c:ae:73:4f"),
    ('"FWPM_CONDITION_VLAN_ID", "match": "FWP_MATCH_EQUAL", "value": {"type": "FWP_UINT16", "value": "0x0014"}',
     ('"FWPM_CONDITION_MAC_REMOTE_ADDRESS", "match": "FWP_MATCH_EQUAL", '
      '"value": {"type": "FWP_BYTE_ARRAY6_TYPE", "value": "01:00:5e:00:00:05"}')),
    ("VLAN 20 quarantine", "no OSPF to the field"),
    ("gateway rewrite", "RTU rewrite"),
    ("no ARP from guests", "no ARP from the RTU"),
    ("guest inspection", "RTU inspection"),
)


def write_policy(folder: Path) -> Path:
    """The first story's policy and callouts, over the addresses of the SCADA network."""
    story = first_story()
    shutil.copytree(story / "callouts", folder / "callouts")
    text = (story / "policy.json").read_text(encoding="utf-8")
    for old, new in RENAMED:
        assert old in text, old
        text = text.replace(old, new)
    policy = folder / "scada-gateway.json"
    policy.write_text(text, encoding="utf-8")
    return policy


def whole_records(path: Path) -> bytes:
    """A capture up to where it is damaged."""
    with open_capture(path) as source:
        for _ in source:
            pass
        end = source.damage.offset_bytes if source.damage is not None else None
    return path.read_bytes()[:end]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.picture")
    parser.add_argument("capture", type=Path)
    parser.add_argument("out", type=Path, nargs="?", default=resource() / "pictures" / "step.png")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder
        policy = write_policy(Path(folder))
        capture = Path(folder) / "scada-gateway.pcap"
        capture.write_bytes(whole_records(args.capture))
        make_application()
        theme_manager().set_mode(args.theme)
        take(capture, policy, args.out)
        close_event_loop()
    return 0


def take(capture: Path, policy: Path, out: Path) -> None:
    """Step to the moment when the clone is accepted, and keep what the window shows."""
    store = Store()
    store.clear()
    bridge = SessionBridge(store)
    window = MainWindow(bridge)
    window.resize(*SIZE)
    window.show()
    bridge.offer.connect(lambda offer: offer.act())  # our own scripts: trust and load
    bridge.open([capture, policy])
    settle(bridge)
    QTest.qWait(50)
    settle(bridge)
    bridge.step_frame(FRAME)
    settle(bridge)
    for _ in range(200):
        bridge.step(StepKind.INTO)
        settle(bridge)
        assert bridge.session is not None
        if isinstance(bridge.session.trace[bridge.cursor - 1].event, ev.InjectAccepted):
            break
    QTest.qWait(600)
    out.parent.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(out))
    window.close()
    QTest.qWait(20)


if __name__ == "__main__":
    sys.exit(main())
