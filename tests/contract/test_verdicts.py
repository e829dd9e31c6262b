"""`--verdicts` of contracts 3: a line per frame, its members in order, every outcome."""

from tests.builders.captures import enhanced, ethernet, flags, interface
from tests.contract.command import (
    ARP,
    HOST,
    IN_ETHERNET,
    IN_NATIVE,
    IPV4,
    IPV6,
    OUT_ETHERNET,
    OUT_NATIVE,
    PEER,
    a_callout,
    a_filter,
    calling,
    ether_type,
    key,
    received,
    sent,
)

ABSORBER = """
from engine.callouts import Callout

class Absorber(Callout):
    def classify(self, fwps, values, meta, layer_data, classify_context, filter, flow_context, out):
        out.absorb()
"""


def passed(layer, filter_=None, hard=False):
    return {"layer": layer, "action": "FWP_ACTION_PERMIT", "hard": hard, "filter": filter_, "flags": []}


def stopped(layer, filter_, *flags_, hard=True):
    return {"layer": layer, "action": "FWP_ACTION_BLOCK", "hard": hard, "filter": filter_, "flags": list(flags_)}


def line(frame, direction, outcome, *layers):
    return {
        "frame": frame, "direction": direction, "outcome": outcome, "layers": list(layers), "injections": [],
        "findings": [],
    }  # fmt: skip


def test_without_a_policy_every_frame_passes_by_the_layers_default(desk):
    done = desk.run(desk.capture(received(), sent()))

    assert done.verdicts == [
        line(1, "inbound", "delivered", passed(IN_NATIVE), passed(IN_ETHERNET)),
        line(2, "outbound", "sent", passed(OUT_ETHERNET), passed(OUT_NATIVE)),
    ]
    assert (done.status, done.out, done.err) == (0, "", "")
    assert {tuple(one) for one in done.verdicts} == {
        ("frame", "direction", "outcome", "layers", "injections", "findings")
    }
    assert {tuple(layer) for one in done.verdicts for layer in one["layers"]} == {
        ("layer", "action", "hard", "filter", "flags")
    }


def test_blocked_and_absorbed_frames_say_where_and_by_which_filter(desk):
    desk.script(ABSORBER)
    absorber = a_callout("absorber", 9, IN_ETHERNET, "Absorber")
    policy = desk.policy(
        callouts=[absorber],
        filters=[
            a_filter("no ARP", "BLOCK", key=key(1), conditions=[ether_type(ARP)]),
            a_filter("hard", "PERMIT", key=key(2), conditions=[ether_type(IPV4)],
                     flags=["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"]),
            calling(absorber, key=key(3), conditions=[ether_type(IPV6)]),
            a_filter("no ARP out", "BLOCK", OUT_ETHERNET, key=key(4), conditions=[ether_type("0x0806")]),
            a_filter("no ping", "BLOCK", OUT_NATIVE, key=key(5)),
        ],
    )  # fmt: skip
    done = desk.run(desk.capture(received(ARP), received(), received(IPV6), sent(ARP), sent()), "--policy", policy)

    inside = passed(IN_NATIVE)
    assert done.verdicts == [
        line(1, "inbound", "blocked", inside, stopped(IN_ETHERNET, key(1))),
        line(2, "inbound", "delivered", inside, passed(IN_ETHERNET, key(2), hard=True)),
        line(3, "inbound", "absorbed", inside, stopped(IN_ETHERNET, key(3), "FWPS_CLASSIFY_OUT_FLAG_ABSORB"))
        | {"findings": done.verdicts[2]["findings"]},
        line(4, "outbound", "blocked", stopped(OUT_ETHERNET, key(4))),
        line(5, "outbound", "blocked", passed(OUT_ETHERNET), stopped(OUT_NATIVE, key(5))),
    ]
    assert set(done.verdicts[2]["findings"]) <= {"M38"}  # CH: a lint at most
    assert done.status == 0


def test_a_frame_dropped_at_native_never_meets_the_ethernet_layer(desk):
    policy = desk.policy(filters=[a_filter("none", "BLOCK", IN_NATIVE, key=key(1)), a_filter("all", "PERMIT")])

    done = desk.run(desk.capture(received()), "--policy", policy)

    assert done.verdicts == [line(1, "inbound", "blocked", stopped(IN_NATIVE, key(1)))]


def test_a_frame_that_cannot_be_classified_is_skipped_with_a_reason(desk):
    other_medium = interface(link_type=101)
    on_it = enhanced(bytes(40), interface_id=1, options=flags(1))
    empty = enhanced(b"", options=flags(1))
    done = desk.run(desk.capture(other_medium, on_it, received(), empty))

    first, second, _ = done.verdicts
    assert (first["outcome"], first["layers"], first["injections"]) == ("skipped", [], [])
    assert isinstance(first["reason"], str)
    assert first["reason"]
    assert "reason" not in second
    assert done.summary["outcomes"] == _counted(done.verdicts)
    assert done.summary["outcomes"]["skipped"] >= 1


def _counted(verdicts):
    outcomes = [one["outcome"] for one in verdicts]
    return {outcome: outcomes.count(outcome) for outcome in outcomes}


def test_a_veto_of_a_hard_permit_blocks_and_a_plain_block_does_not(desk):
    high = {"key": key(20), "name": "high", "weight": 200}
    low = {"key": key(10), "name": "low", "weight": 100}
    hard = {"flags": ["FWPM_FILTER_FLAG_CLEAR_ACTION_RIGHT"]}
    policy = desk.policy(
        sublayers=[low, high],
        filters=[
            a_filter("hard permit", "PERMIT", key=key(1), sublayer=key(20), **hard),
            a_filter("plain", "BLOCK", key=key(2), sublayer=key(10), conditions=[ether_type(IPV4)]),
            a_filter("veto", "BLOCK", key=key(3), sublayer=key(10), conditions=[ether_type(ARP)], **hard),
        ],
    )
    done = desk.run(desk.capture(received(), received(ARP)), "--policy", policy)

    assert [(one["outcome"], one["layers"][1]["filter"]) for one in done.verdicts] == [
        ("delivered", key(1)),
        ("blocked", key(3)),
    ]


def test_an_address_of_the_frame_is_matched_as_local_and_remote(desk):
    def at(field, address):
        return {"field": f"FWPM_CONDITION_{field}", "match": "FWP_MATCH_EQUAL",
                "value": {"type": "FWP_BYTE_ARRAY6_TYPE", "value": address}}  # fmt: skip

    policy = desk.policy(
        filters=[
            a_filter("in", "BLOCK", key=key(1),
                     conditions=[at("MAC_LOCAL_ADDRESS", HOST), at("MAC_REMOTE_ADDRESS", PEER)]),
            a_filter("out", "BLOCK", OUT_ETHERNET, key=key(2),
                     conditions=[at("MAC_LOCAL_ADDRESS", HOST), at("MAC_REMOTE_ADDRESS", PEER)]),
        ]
    )  # fmt: skip
    done = desk.run(desk.capture(received(), sent(), enhanced(ethernet(PEER, HOST), options=flags(1))),
                    "--policy", policy)  # fmt: skip

    assert [one["outcome"] for one in done.verdicts] == ["blocked", "blocked", "delivered"]
