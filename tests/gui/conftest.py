"""A bridge on a small session of its own, for tests of views and of the window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.session_bridge import SessionBridge
from gui.session_bridge.worker import close_event_loop
from gui.settings import Store
from tests.builders.captures import ethernet, pcap, pcap_record

SUBLAYER = "{0a000000-0000-0000-0000-000000000001}"
BLOCK_ARP = "{0a000000-0000-0000-0000-000000000002}"
PERMIT_ALL = "{0a000000-0000-0000-0000-000000000003}"
HERE, THERE = "02:00:00:00:00:01", "02:00:00:00:0b:31"
POLICY = {
    "format": "l2scope-policy",
    "version": 1,
    "sublayers": [{"key": SUBLAYER, "name": "Contoso L2", "weight": 40000}],
    "filters": [
        {
            "key": BLOCK_ARP,
            "name": "no ARP",
            "layer": "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET",
            "sublayer": SUBLAYER,
            "conditions": [
                {
                    "field": "FWPM_CONDITION_ETHER_TYPE",
                    "match": "FWP_MATCH_EQUAL",
                    "value": {"type": "FWP_UINT16", "value": "0x0806"},
                }
            ],
            "action": "FWP_ACTION_BLOCK",
        },
        {
            "key": PERMIT_ALL,
            "name": "LAN permit",
            "layer": "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET",
            "action": "FWP_ACTION_PERMIT",
        },
    ],
}


@pytest.fixture(scope="session", autouse=True)
def _the_loop_ends_before_its_application(qapp: QApplication) -> Iterator[None]:
    yield
    qapp.processEvents()
    close_event_loop()


@pytest.fixture(autouse=True)
def _nobody_has_changed_a_setting(_private_settings: None) -> None:
    Store().clear()


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    """A policy that blocks inbound ARP at 56 and permits everything at 57."""
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(POLICY), encoding="utf-8")
    return path


@pytest.fixture
def capture_file(tmp_path: Path) -> Path:
    """Six frames between two stations: 1 ARP in, 2 ARP out, 3 IPv4 in, 4 IPv4 out, 5 IPv6 in, 6 IPv4 out."""
    path = tmp_path / "six-frames.pcap"
    frames = [
        ethernet(HERE, THERE, 0x0806),
        ethernet(THERE, HERE, 0x0806),
        ethernet(HERE, THERE, 0x0800),
        ethernet(THERE, HERE, 0x0800),
        ethernet(HERE, THERE, 0x86DD),
        ethernet(THERE, HERE, 0x0800, tags=((0x8100, 0x6014),)),
    ]
    path.write_bytes(pcap(*(pcap_record(frame, seconds=1, fraction=n * 500) for n, frame in enumerate(frames))))
    return path


@pytest.fixture
def settle(qtbot: QtBot) -> Callable[[SessionBridge], None]:
    """Wait until a bridge has nothing under way, its index included."""

    def wait(bridge: SessionBridge) -> None:
        qtbot.waitUntil(lambda: not bridge.is_busy and bridge.worker.is_idle, timeout=10_000)

    return wait


@pytest.fixture
def empty_bridge(qtbot: QtBot, settle: Callable[[SessionBridge], None]) -> Iterator[SessionBridge]:
    """A bridge with nothing open, and with settings that nobody has changed."""
    bridge = SessionBridge(Store())
    yield bridge
    bridge.close()


@pytest.fixture
def bridge(
    empty_bridge: SessionBridge, capture_file: Path, policy_file: Path, settle: Callable[[SessionBridge], None]
) -> SessionBridge:
    """A bridge on six frames and two filters; nothing has run, all rows are known."""
    empty_bridge.open([capture_file, policy_file])
    settle(empty_bridge)
    assert empty_bridge.session is not None
    return empty_bridge
