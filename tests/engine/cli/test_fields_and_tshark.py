"""`fields` says of every frame of every readable capture what tshark says of it."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.errors import CaptureError
from engine.frames.capture import open_capture
from engine.report.fields.of_frame import frame_fields
from tests.corpus import capture_files

FIELDS = [
    "frame.encap_type", "frame.number", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.interface_id",
    "frame.packet_flags", "frame.comment", "frame.protocols",
    "eth.dst", "eth.src", "eth.type", "eth.len", "vlan.id", "vlan.etype", "vlan.len", "ieee8021ad.id",
    "ieee8021ad.svid", "ieee8021ad.cvid", "llc.oui", "llc.type",
    "wlan.da", "wlan.sa", "wlan.fc.version", "wlan.qos.amsdupresent", "tr.dst", "tr.src", "fddi.dst", "fddi.src",
    "sll.src.eth", "sll.etype",
]  # fmt: skip
HIDDEN = ("ip", "ipv6", "arp", "mpls", "pppoes", "macsec")
"""Protocols that may carry frames themselves: only the outer frame counts."""
BETWEEN = "\x1f"
MALFORMED = 0x20
TAG_TYPES = {"0x8100", "0x88a8", "0x9100"}
DIRECTIONS = {1: "inbound", 2: "outbound"}
NOT_TOLD = {
    "clusterfuzz-5188876846235648.pcap": "a fraction of 44 seconds, which tshark keeps within 32 bits",
    "timestamp_invalid_nano.pcap": "a fraction beyond a second, which tshark leaves there",
    "own-caplen-4g.pcap": "tshark takes the damage for a variant of pcap",
    "test006.ntar": "tshark reads blocks whose length is no multiple of four",
    "dsa.pcap": "tshark 4.0 does not know the link type",
}
"""Files that are not compared, and why."""

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def readable() -> list[Path]:
    found = []
    for path in capture_files():
        try:
            open_capture(path).close()
        except CaptureError:
            continue
        if path.name not in NOT_TOLD:
            found.append(path)
    return found


def tshark(path: Path) -> list[dict[str, str]]:
    """The packets; other blocks of pcapng, which tshark shows as frames too, have no link type."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", f"aggregator={BETWEEN}"]
    for name in FIELDS:
        command += ["-e", name]
    for name in HIDDEN:
        command += ["--disable-protocol", name]
    output = subprocess.run(command, check=False, capture_output=True).stdout.decode("utf-8", "replace")
    rows = [dict(zip(FIELDS, line.split("\t"), strict=True)) for line in output.split("\n") if line]
    return [row for row in rows if row["frame.encap_type"]]


def first(row: dict[str, str], *names: str) -> str | None:
    """The first value of the first field that the frame has."""
    return next((row[name].split(BETWEEN)[0] for name in names if row[name]), None)


def tags(row: dict[str, str]) -> list[int]:
    """VLAN ids in the order of the tags, outermost first. A tag inside SNAP is none."""
    both = [row["ieee8021ad.svid"], row["ieee8021ad.cvid"]]  # of two 802.1ad tags in a row
    left = {"vlan": row["vlan.id"].split(BETWEEN), "ieee8021ad": row["ieee8021ad.id"].split(BETWEEN)}
    outside_snap = row["frame.protocols"].partition(":llc")[0].split(":")
    found = both if all(both) else [left[name].pop(0) for name in outside_snap if left.get(name)]
    return [int(value) for value in found if value]


def ether_type(row: dict[str, str], ours: str | None) -> str | None:
    """EtherType behind the last tag, of SNAP with OUI 0, or an 802.3 length. Under an 802.1ad tag tshark names none."""
    if row["llc.type"] and int(first(row, "llc.oui"), 0) == 0:
        return first(row, "llc.type")
    if row["eth.len"] and not row["vlan.id"]:
        return f"0x{int(row['eth.len'].split(BETWEEN)[0]):04x}"
    if row["sll.etype"]:
        return first(row, "sll.etype")
    if "ieee8021ad" in row["frame.protocols"] or row["vlan.len"]:
        return ours
    if ours is not None and 0x05DC < int(ours, 0) < 0x0600:
        return ours  # neither a length nor a type, says tshark
    types = [value for value in (row["eth.type"], *row["vlan.etype"].split(BETWEEN)) if value]
    if ours is None and types and types[-1] in TAG_TYPES:
        return None  # the last tag is cut off, and with it the type
    return types[-1] if types else None


def seconds(text: str) -> str:
    return text or "0.000000000"  # a simple packet has none


@needs_tshark
@pytest.mark.parametrize("path", readable(), ids=lambda path: path.name)
def test_fields_agrees_with_tshark(path: Path) -> None:
    capture = open_capture(path)
    ours = [frame_fields(frame) for frame in capture]
    theirs = tshark(path)
    has_sections = _sections(path) > 1

    assert len(ours) == len(theirs)
    for line, row in zip(ours, theirs, strict=True):
        way = DIRECTIONS.get(int(row["frame.packet_flags"] or "0", 16) & 3)
        comments = "\n".join(line["comments"]).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
        assert {
            "time": line["time"], "captured": line["captured"], "length": line["length"],
            "interface": None if has_sections else line["interface"],
            "comments": comments.replace("\\\\", "\\"),
            "direction": str(line["direction"]) if line["direction_from"] == "epb_flags" else None,
        } == {
            "time": seconds(row["frame.time_epoch"]), "captured": int(row["frame.cap_len"]),
            "length": int(row["frame.len"]), "interface": None if has_sections else int(row["frame.interface_id"] or 0),
            "comments": row["frame.comment"].replace(BETWEEN, "\\n"), "direction": way,
        }, line["frame"]  # fmt: skip
        inside = row["wlan.qos.amsdupresent"].startswith("1") or "mesh" in line.get("reason", "")
        if line["layers"] and not inside:  # what is inside such frames is not read
            said = {
                "destination": line["destination"], "source": line["source"], "vlan": list(line["vlan"]),
                "ether_type": line["ether_type"],
            }  # fmt: skip
            wanted = {
                "destination": first(row, "eth.dst", "wlan.da", "tr.dst", "fddi.dst"),
                "source": first(row, "eth.src", "wlan.sa", "tr.src", "fddi.src", "sll.src.eth"), "vlan": tags(row),
                "ether_type": ether_type(row, line["ether_type"]),
            }  # fmt: skip
            if any(layer["L2_FLAGS"] & MALFORMED for layer in line["layers"].values()):
                wanted |= {name: said[name] for name, value in wanted.items() if not value}  # tshark gives up earlier
            assert said == wanted, line["frame"]


def _sections(path: Path) -> int:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    return len(re.findall(rb"\n\r\r\n....(?:\x4d\x3c\x2b\x1a|\x1a\x2b\x3c\x4d)", data, re.DOTALL))
