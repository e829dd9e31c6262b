"""Verdict lines as a fold over events: order, bounds, and what belongs to whom."""

import msgspec

from engine.ndis.snapshot import NblId
from engine.report.verdicts import UNFINISHED, FrameVerdict, InjectionVerdict, LayerVerdict, VerdictFold
from engine.trace import events as ev
from engine.trace.trace import Recorder
from tests.builders.policies import a_policy, block, guid

SEND, RECEIVE = "FwpsInjectMacSendAsync0", "FwpsInjectMacReceiveAsync0"
BLOCK, PERMIT = "FWP_ACTION_BLOCK", "FWP_ACTION_PERMIT"
IN, OUT = "FWPM_LAYER_INBOUND_MAC_FRAME_ETHERNET", "FWPM_LAYER_OUTBOUND_MAC_FRAME_ETHERNET"
CALLOUT, SECOND = guid(8), guid(9)

POLICY = a_policy(block("no ARP", key=guid(1)))
[FILTER] = POLICY.filter_by_id


def fold(*events, expected=(), **settings):
    """The verdicts as they come out, then those that `finish` gives. An event is `(frame, event)`."""
    verdicts, recorder = VerdictFold(POLICY, **settings), Recorder()
    for number, direction in expected:
        verdicts.expect(number, direction)
    out = []
    for frame, event in events:
        out += verdicts.take(recorder.record(event, frame, 0, 0))
    return out, verdicts.finish()


def nbl(text):
    return NblId(text)


def entered(number, direction="inbound"):
    return number, ev.FrameEntered(number, direction, 1, 0, 60, 1, 0, {})


def finished(number, outcome="delivered"):
    return number, ev.FrameFinished(number, outcome)


def ended(*nbls, layer=56, action=PERMIT, filter_=None, absorb=False, hard=False):
    ids = tuple(map(nbl, nbls))
    return int(nbls[0].partition(".")[0]), ev.ClassifyEnded(layer, ids, action, hard, filter_, absorb, False)


def a_verdict(number, outcome="delivered", **members):
    return FrameVerdict(**({"frame": number, "direction": "inbound", "outcome": outcome, "layers": (),
                            "injections": (), "findings": ()} | members))  # fmt: skip


def test_lines_keep_the_order_of_the_frames_whatever_ends_first():
    out, rest = fold(entered(1), entered(2), entered(3), finished(3), finished(1), finished(2))

    assert (out, rest) == ([a_verdict(1), a_verdict(2), a_verdict(3)], [])


def test_a_line_waits_for_the_frames_announced_before():
    skipped = (2, ev.FrameSkipped(2, "no Ethernet"))
    out, rest = fold(skipped, entered(1), finished(1), expected=[(1, "inbound"), (2, "outbound")])

    assert out == [a_verdict(1), a_verdict(2, "skipped", direction="outbound", reason="no Ethernet")]
    assert rest == []


def test_too_many_waiting_push_the_earliest_out_as_it_is():
    events = [entered(1), ended("1.0", action=BLOCK, filter_=FILTER), *(entered(n) for n in (2, 3)), finished(1)]
    out, rest = fold(*events, most_waiting=2)

    blocked = LayerVerdict(IN, BLOCK, False, guid(1), ())
    assert out == [a_verdict(1, "blocked", layers=(blocked,))]
    assert rest == [a_verdict(n, "skipped", reason=UNFINISHED) for n in (2, 3)]


def test_a_frame_that_never_ends_says_what_is_known():
    out, rest = fold(entered(1), (1, ev.FrameDelivered((nbl("1.0"),), "protocols")), entered(2), finished(2, "skipped"))

    assert out == []
    assert rest == [a_verdict(1), a_verdict(2, "skipped", reason=UNFINISHED)]


def test_layers_are_those_of_the_original_and_of_each_frame_of_a_run():
    out, _ = fold(
        entered(1), entered(2),
        (1, ev.ModuleBypassed("native", 58, (nbl("1.0"), nbl("2.0")))),
        ended("1.0", "2.0", hard=True, filter_=FILTER),
        ended("1.1", "2.1"), ended("0.0"),
        finished(1), finished(2),
    )  # fmt: skip

    native = LayerVerdict("FWPM_LAYER_INBOUND_MAC_FRAME_NATIVE", PERMIT, False, None, ())
    ethernet = LayerVerdict(IN, PERMIT, True, guid(1), ())
    assert out == [a_verdict(1, layers=(native, ethernet)), a_verdict(2, layers=(native, ethernet))]


def accepted(injection, *nbls, driver="drv", frame=None):
    ids = tuple(map(nbl, nbls))
    number = int(nbls[0].partition(".")[0]) if frame is None else frame
    return number, ev.InjectAccepted(injection, SEND, 57, ids, driver=driver)


def test_what_an_original_meets_after_its_own_injection_is_the_injections():
    out, _ = fold(
        entered(1), ended("1.0", action=BLOCK, hard=True, filter_=FILTER, absorb=True),
        accepted(1, "1.0"), ended("1.0", layer=57), (1, ev.FrameDelivered((nbl("1.0"),), "wire")),
        (1, ev.InjectionEnded(1, nbl("1.0"), "sent", 0)), finished(1, "absorbed"),
    )  # fmt: skip

    absorbed = LayerVerdict(IN, BLOCK, True, guid(1), ("FWPS_CLASSIFY_OUT_FLAG_ABSORB",))
    assert out == [a_verdict(1, "absorbed", layers=(absorbed,),
                             injections=(InjectionVerdict(None, SEND, OUT, "sent", "0x00000000"),))]  # fmt: skip


def test_injections_stand_with_the_frame_of_each_nbl_in_the_order_of_the_calls():
    out, _ = fold(
        (0, ev.CalloutRegistered(CALLOUT, "drv", 0)), (0, ev.CalloutRegistered(SECOND, "drv", 0)),
        (0, ev.CalloutRegistered(guid(10), "other", 0)),
        entered(1), entered(2),
        (2, ev.CalloutEntered(SECOND, "drv", FILTER, (nbl("2.0"),), PERMIT, True, "drv.py:1")),
        accepted(5, "1.1", "2.1", frame=2),
        (2, ev.InjectRefused(RECEIVE, 1, (nbl("2.2"),), 0xC000000D, driver="other")),
        (2, ev.CalloutReturned(SECOND, PERMIT, True, 0)),
        accepted(6, "2.2"),
        (2, ev.InjectRefused(SEND, 57, (), 0xC000009A, driver="drv")),
        (1, ev.InjectionEnded(5, nbl("1.1"), "sent", 0)), (2, ev.InjectionEnded(5, nbl("2.1"), "delivered", 0)),
        (1, ev.InjectCompleted(5, 1, (nbl("1.1"), nbl("2.1")), (0, 0x103), 0, True, "done", "drv")),
        finished(1), finished(2),
    )  # fmt: skip

    assert out[0].injections == (InjectionVerdict(SECOND, SEND, OUT, "sent", "0x00000000"),)
    assert out[1].injections == (
        InjectionVerdict(SECOND, SEND, OUT, "delivered", "0x00000103"),
        InjectionVerdict(guid(10), RECEIVE, "1", "refused", "0xC000000D"),
        InjectionVerdict(CALLOUT, SEND, OUT, "failed", "0xC0000001"),
        InjectionVerdict(CALLOUT, SEND, OUT, "refused", "0xC000009A"),
    )


def test_findings_are_sorted_and_stand_once_with_the_frame_of_their_nbl():
    def broken(frame, rule, of=None):
        return frame, ev.RuleBroken(rule, "E", "x", of)

    out, _ = fold(
        entered(1), entered(2), broken(1, "M20"), broken(1, "M06"), broken(1, "M20"), broken(1, "X01", nbl("2.1")),
        broken(0, "M47"), finished(1), finished(2))  # fmt: skip

    assert [verdict.findings for verdict in out] == [("M06", "M20"), ("X01",)]


def test_a_line_has_the_members_of_the_contract_in_order():
    line = msgspec.json.encode(a_verdict(1, layers=(LayerVerdict(IN, BLOCK, True, None, ()),)))

    assert line == (
        b'{"frame":1,"direction":"inbound","outcome":"delivered","layers":[{"layer":"' + IN.encode()
        + b'","action":"FWP_ACTION_BLOCK","hard":true,"filter":null,"flags":[]}],"injections":[],"findings":[]}')
