"""Which bytes of an NBL are the frame, and what they mean."""

from engine.ndis.snapshot import MemoryId, NblId, NblKind
from engine.trace import events as ev
from engine.trace.history import WorldHistory
from engine.trace.trace import Trace
from gui.models.packet.bytes_shown import ShownBytes, captured_bytes, nbl_bytes
from gui.models.packet.dissector import Wish
from tests.gui.table_builders import ARP, a_buffer, a_frame, an_nbl, entered

OWN = MemoryId("1:1")


def shown(*events, nbl="1.0"):
    trace = Trace()
    for event in events:
        trace.append(event, 1, 0, 0)
    return nbl_bytes(WorldHistory(trace).at(len(trace)), trace, NblId(nbl), link_type=1, ether_type=0x0806)


def changed(nbl):
    return ev.OriginalReleased(nbl.id, changed=(nbl,))


def test_a_frame_that_has_not_run_is_shown_as_captured():
    assert captured_bytes(a_frame(3)) == ShownBytes(
        title="frame 3 as captured", data=ARP, used=(0, 60), base=0, link_type=1
    )


def test_a_fresh_original_begins_with_its_mac_header():
    assert shown(entered(1)) == ShownBytes(title="1.0", data=ARP, used=(0, 60), base=0, link_type=1)


def test_behind_the_native_layer_the_mac_header_is_backfill_and_still_dissected():
    found = shown(entered(1), changed(an_nbl("1.0", a_buffer(46, ("1:0", 0, 60), offset=14))))

    assert (found.used, found.base, found.wish) == ((14, 60), 0, Wish(ARP, 1))


def test_a_clone_without_the_mac_header_begins_with_its_protocol():
    clone = an_nbl("1.1", a_buffer(46, ("1:0", 14, 46)), kind=NblKind.CLONE)

    found = shown(entered(1), ev.NblCloned(parent=NblId("1.0"), clone=clone.id, status=0, changed=(clone,)), nbl="1.1")

    assert (found.base, found.ether_type, found.wish) == (0, 0x0806, Wish(ARP[14:], 1, 0x0806))


def test_a_header_in_a_drivers_own_memory_is_the_mac_header_and_is_marked():
    header = bytes(14)
    buffer = a_buffer(60, (OWN, 0, 14), ("1:0", 14, 46))
    mine = buffer.mdls[0].__class__(buffer.mdls[0].id, OWN, 0, 14, "mac_rewrite")
    buffer = buffer.__class__(0, 60, 0, 0, (mine, buffer.mdls[1]))

    found = shown(
        entered(1), ev.MdlAllocated(mdl="MDL 2", memory=OWN, data=header), changed(an_nbl("1.1", buffer)), nbl="1.1"
    )

    assert (found.base, found.ether_type, found.own, found.data) == (0, None, ((0, 14),), header + ARP[14:])


def test_a_header_that_was_retreated_before_the_frame_begins_it():
    memory = MemoryId("1:0")
    start = an_nbl("1.0", a_buffer(60, ("1:0", 0, 80), offset=20))
    event = ev.FrameEntered(1, "inbound", 1, 0, 60, 1, 0, {memory: bytes(20) + ARP}, changed=(start,))

    found = shown(event, changed(an_nbl("1.0", a_buffer(64, ("1:0", 0, 80), offset=16))))

    assert (found.base, found.used, found.ether_type) == (16, (16, 80), None)


def test_bytes_that_the_last_step_wrote_are_found_in_each_mdl():
    split = an_nbl("1.0", a_buffer(60, ("1:0", 0, 14), ("1:0", 14, 46)))
    written = ev.DataWritten(nbl=split.id, memory=MemoryId("1:0"), offset=12, old=ARP[12:16], new=b"\x08\x00\x45\x00",
                             sharers=(split.id,))  # fmt: skip

    found = shown(entered(1), changed(split), written)
    later = shown(entered(1), changed(split), written, ev.HandleClosed("H1"))

    assert (found.changed, found.data[12:16], later.changed) == (((12, 14), (14, 16)), b"\x08\x00\x45\x00", ())


def test_an_nbl_without_a_net_buffer_has_no_bytes():
    assert shown(entered(1), changed(an_nbl("1.1")), nbl="1.1") is None
