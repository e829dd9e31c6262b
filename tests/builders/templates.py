"""The shipped callouts in policies of their own, and frames that give them something to do."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.frames.frame import Frame, Interface
from engine.wfp.document import PolicyDocument
from engine.wfp.layers import Layer
from gui.models.scripts.templates import Template, add_template, templates
from tests.builders.engines import Run, run
from tests.builders.frames import BROADCAST, PEER, an_interface, received, sent

BY_ID = {template.id: template for template in templates()}


def document_of(folder: Path, template: Template, layer: Layer, **config: Any) -> PolicyDocument:
    """A policy with this template alone; `config` changes members of its configuration."""
    shutil.copy(template.script, folder / template.script.name)
    changed = replace(template, config={**template.config, **config})
    empty = PolicyDocument(path=folder / "policy.json")
    return add_template(empty, changed, layer, template.script.name).document


def run_template(folder: Path, id_: str, layer: Layer, *frames: Frame, config: dict[str, Any] | None = None,
                 **options: Any) -> Run:
    return run(document_of(folder, BY_ID[id_], layer, **(config or {})), frames, **options)


def arp_request(address: bytes) -> bytes:
    """The ARP message that asks for an address."""
    peer = bytes.fromhex(PEER.replace(":", ""))
    return bytes.fromhex("0001080006040001") + peer + bytes([192, 0, 2, 9]) + bytes(6) + address


def datagram(port: int, text: bytes = b"what is to be said") -> bytes:
    """IPv4 and UDP to a port."""
    udp = (49152).to_bytes(2, "big") + port.to_bytes(2, "big") + (8 + len(text)).to_bytes(2, "big") + bytes(2) + text
    head = bytes([0x45, 0]) + (20 + len(udp)).to_bytes(2, "big") + bytes(4) + bytes([64, 17, 0, 0])
    return head + bytes([192, 0, 2, 9, 192, 0, 2, 7]) + udp


def mixed(inbound: bool) -> list[Frame]:
    """Ten frames of one direction, close together: ARP, IPv4, IPv6, tagged, long; before them one of the other."""
    asked = arp_request(bytes([192, 0, 2, 200])).ljust(46, b"\0")
    make, other = (received, sent) if inbound else (sent, received)
    rows: list[dict[str, Any]] = [
        {"ether_type": 0x0806, "payload": asked, "destination": BROADCAST},
        {"payload": datagram(53)}, {"payload": datagram(23)}, {"payload": datagram(53, b"and once more, yes")},
        {"payload": b"\x33" * 1400},
        {"payload": b"\x44" * 46, "tags": ((0x8100, 20),)}, {"ether_type": 0x86DD, "payload": b"\x55" * 80},
        {"payload": b"\x66" * 46}, {"payload": b"\x77" * 1300},
    ]  # fmt: skip
    second: Interface = an_interface(1)
    frames = [other(1, time_ns=1_000, interface=second), make(2, time_ns=2_000, interface=second)]
    return frames + [make(number, time_ns=number * 10_000, **row) for number, row in enumerate(rows, 3)]

