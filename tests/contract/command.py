"""The command as an outsider meets it: files in a folder, a process, its exit status and what it wrote."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.builders.captures import enhanced, ethernet, flags, interface, section
from tests.corpus import REPOSITORY

HOST, PEER, OTHER = "02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"
BROADCAST = "ff:ff:ff:ff:ff:ff"
IPV4, ARP, IPV6 = 0x0800, 0x0806, 0x86DD

IN_NATIVE = "FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE"
IN_ETHERNET = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET"
OUT_NATIVE = "FWPM_LAYER_OUTBOUND_MAC_FRAME_NATIVE"
OUT_ETHERNET = "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET"
UNIVERSAL = "{eebecc03-ced4-4380-819a-2734397b2b74}"


Packet = Callable[[int], bytes]
"""A packet block of a pcapng file, once its time is known, in microseconds."""


def packet(data: bytes, bits: int) -> Packet:
    """These bytes, marked inbound (1) or outbound (2)."""
    return lambda ticks: enhanced(data, ticks, options=flags(bits))


def received(ether_type: int = IPV4, payload: bytes = bytes(46), source: str = PEER, **more: Any) -> Packet:
    """A frame from the peer to the host, marked inbound."""
    return packet(ethernet(HOST, source, ether_type, payload, **more), 1)


def sent(ether_type: int = IPV4, payload: bytes = bytes(46), destination: str = PEER, **more: Any) -> Packet:
    """A frame from the host to the peer, marked outbound."""
    return packet(ethernet(destination, HOST, ether_type, payload, **more), 2)


def key(number: int) -> str:
    return f"{{00000000-0000-0000-0000-{number:012x}}}"


def value(type_: str, of: object) -> dict[str, object]:
    return {"type": type_, "value": of}


def ether_type(number: int | str, match: str = "FWP_MATCH_EQUAL") -> dict[str, object]:
    return {"field": "FWPM_CONDITION_ETHER_TYPE", "match": match, "value": value("FWP_UINT16", number)}


def a_filter(name: str, action: str = "PERMIT", layer: str = IN_ETHERNET, **members: Any) -> dict[str, Any]:
    return {"name": name, "layer": layer, "action": f"FWP_ACTION_{action}"} | members


def a_callout(
    name: str, number: int, layer: str, class_: str, script: str = "driver.py", **members: Any
) -> dict[str, Any]:
    return {"name": name, "key": key(number), "layer": layer, "script": script, "class": class_} | members


def calling(callout: dict[str, Any], kind: str = "TERMINATING", **members: Any) -> dict[str, Any]:
    """A filter that calls this callout at its layer."""
    return a_filter(f"calls {callout['name']}", f"CALLOUT_{kind}", callout["layer"], callout=callout["key"], **members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    status: int
    out: str
    err: str
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    summary: dict[str, Any] = field(default_factory=dict)
    trace: list[dict[str, Any]] = field(default_factory=list)

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [event for event in self.trace if event["kind"] == kind]


@dataclass(frozen=True, slots=True)
class Desk:
    """A folder of one's own, and the command run in it."""

    folder: Path

    def capture(self, *blocks: bytes | Packet, name: str = "capture.pcapng", apart_us: int = 1000) -> Path:
        """A file of these blocks; packets are this much apart in time."""
        path = self.folder / name
        whole = [each if isinstance(each, bytes) else each(n * apart_us) for n, each in enumerate(blocks)]
        path.write_bytes(section() + interface() + b"".join(whole))
        return path

    def policy(self, *, name: str = "policy.json", **members: Any) -> Path:
        path = self.folder / name
        path.write_text(json.dumps({"format": "l2scope-policy", "version": 1} | members), encoding="utf-8")
        return path

    def script(self, text: str, name: str = "driver.py") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode(errors="surrogateescape"))
        return path

    def command(self, *arguments: object, environment: Mapping[str, str] | None = None, stdin: bytes = b"") -> Done:
        """Run the command with this folder as the current one."""
        done = subprocess.run(
            [sys.executable, "-m", "engine", *map(os.fsencode, map(os.fspath, map(_text, arguments)))],
            cwd=self.folder, env=surroundings(environment), input=stdin, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        return Done(status=done.returncode, out=done.stdout.decode(), err=done.stderr.decode("utf-8", "replace"))

    def run(self, capture: Path, *arguments: object, environment: Mapping[str, str] | None = None) -> Done:
        """`l2scope run`, with all three outputs read back."""
        outputs = ("--verdicts", "verdicts.jsonl", "--trace", "trace.jsonl", "--summary", "summary.json")
        done = self.command("run", capture, *outputs, "--quiet", *arguments, environment=environment)
        assert done.status in {0, 1}, done.err
        assert "Traceback" not in done.err, done.err
        return Done(
            status=done.status, out=done.out, err=done.err,
            verdicts=json_lines(self.folder / "verdicts.jsonl"),
            summary=json.loads((self.folder / "summary.json").read_text(encoding="utf-8")),
            trace=json_lines(self.folder / "trace.jsonl"),
        )  # fmt: skip

    def many(self, *runs: list[object], environment: Mapping[str, str] | None = None) -> list[Done]:
        """One process that enters the command once per list of arguments: what each would print and return."""
        asked = json.dumps([[_text(each) for each in run] for run in runs])
        done = subprocess.run(
            [sys.executable, "-c", _MANY], cwd=self.folder, env=surroundings(environment), input=asked,
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [Done(status=status, out=out, err=err) for status, out, err in json.loads(done.stdout)]


_MANY = """
import contextlib, io, json, sys
from engine.cli import main

def enter(arguments):
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = main(arguments)
        except SystemExit as end:
            status = end.code
    texts = []
    for one in (out, err):
        one.flush()
        texts.append(one.buffer.getvalue().decode())
    return [status, *texts]

print(json.dumps([enter(each) for each in json.load(sys.stdin)]))
"""


def _text(argument: object) -> str:
    return os.fsdecode(argument) if isinstance(argument, bytes | Path) else str(argument)


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(REPOSITORY)} | dict(more or {})


def json_lines(path: Path) -> list[dict[str, Any]]:
    """Every line of a file; each must be a whole object."""
    text = path.read_text(encoding="utf-8")
    assert text == "" or text.endswith("\n"), "the last line is cut"
    return [json.loads(line) for line in text.splitlines()]
