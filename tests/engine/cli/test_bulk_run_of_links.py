"""Captures of any link types, interfaces, direction bits and byte orders come out the same in bulk and in steps."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.wfp.policy_file import save_policy
from tests.builders.captures import enhanced, flags, interface, obsolete, option, section, simple
from tests.builders.drawn_policies import Drawn, a_bench, drawn_filters, headers
from tests.builders.wifi import BEACON, IPV4_PACKET, QOS_DATA, avs, ppi, radiotap, to_access_point, wifi
from tests.engine.cli.test_bulk_run import assert_same, options

AIR = (wifi(), to_access_point(), wifi(QOS_DATA, behind=bytes(2)), wifi(BEACON, 0), wifi()[:12])
DATA: dict[int, st.SearchStrategy[bytes]] = {
    1: headers,
    105: st.sampled_from(AIR),
    127: st.sampled_from(AIR).map(radiotap),
    163: st.sampled_from(AIR).map(avs),
    192: st.sampled_from(AIR).map(ppi),
    113: st.builds(lambda kind, tail: bytes((0, kind, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 6)) + tail,
                   st.integers(0, 4), st.binary(max_size=8)),
    276: st.builds(lambda kind: b"\x08\0\0\0\0\0\0\1\0\1" + bytes((kind, 6, 2, 0, 0, 0, 0, 1, 0, 0)),
                   st.integers(0, 4)),
    101: st.sampled_from([IPV4_PACKET, b"\x60" + bytes(39), b"\x10"]),
    228: st.just(IPV4_PACKET),
    0: st.sampled_from([b"\2\0\0\0" + IPV4_PACKET, b"\0\0\0\x1e" + bytes(40), b"\2"]),
    195: st.binary(max_size=12),
}  # fmt: skip
"""Frames by link type."""
LAST = section() + interface() + enhanced(bytes(60))
"""A run without frames is refused: there is one at least."""


@st.composite
def captures(draw: st.DrawFn) -> bytes:
    """Sections with interfaces of some link types, and packets of all kinds of blocks."""
    written, at = b"", 1
    for order in draw(st.lists(st.sampled_from("<>"), min_size=1, max_size=2)):
        links = draw(st.lists(st.sampled_from([1, 105, *DATA]), min_size=1, max_size=3))
        written += section(order)
        for link in links:
            fcs = option(13, b"\4", order) if draw(st.integers(0, 4)) == 0 else b""
            address = option(6, bytes.fromhex("020000000001"), order) if draw(st.booleans()) else b""
            written += interface(link, options=address + fcs, order=order)
        for id_ in draw(st.lists(st.integers(0, len(links) - 1), min_size=4, max_size=16)):
            at += draw(st.sampled_from([1, 1_000_000, 3_000_000_000]))
            data, bits = draw(DATA[links[id_]]), draw(st.sampled_from([None, 0, 1, 2, 3, 0x85]))
            said = b"" if bits is None else flags(bits, order)
            kind = draw(st.integers(0, 5))
            if kind == 0 and id_ == 0:
                written += simple(data, order=order)
            elif kind == 1:
                written += obsolete(data, at, interface_id=id_, options=said, order=order)
            else:
                written += enhanced(data, at, interface_id=id_, options=said, order=order)
    return written


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(drawn_filters(), max_size=5), captures(), options, st.sampled_from(["auto", "auto", "outbound"]))
def test_frames_of_all_links_come_out_the_same(
    tmp_path: Path, filters: list[Drawn], written: bytes, chosen: list[str], direction: str
) -> None:
    capture, policy = tmp_path / "drawn.pcapng", tmp_path / "drawn.json"
    capture.write_bytes(written + LAST)
    save_policy(a_bench(tmp_path, filters).document(), policy)
    assert_same(capture, policy, tmp_path, "--direction", direction, *(
        part for one in ("duplicate_conditions=and", *chosen) for part in ("--set", one)))
