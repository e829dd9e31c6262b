"""Rates are counted from the trace, at any cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.ndis.snapshot import NblId
from engine.trace import events as ev
from engine.trace.trace import Trace
from engine.trace.world import BLOCK, PERMIT
from gui.models.stack.traffic import (
    CLASSIFIED,
    READ_AT_ONCE,
    Flow,
    Traffic,
    flow_of,
    gauge_of,
    rate_text,
    short_number,
    span_text,
    window_ns,
)

SECOND = 1_000_000_000
ONE = (NblId("1.0"),)


def ended(action: str = PERMIT, *, layer: int = 56, absorb: bool = False, nbls=ONE) -> ev.ClassifyEnded:
    return ev.ClassifyEnded(layer, nbls, action, True, None, absorb=absorb, veto=False)


def a_traffic(*events: tuple[int, ev.TraceEvent]) -> Traffic:
    trace = Trace()
    for time_ns, event in events:
        trace.append(event, 1, time_ns, 0)
    traffic = Traffic(trace)
    assert not traffic.catch_up()
    return traffic


def test_the_rate_counts_classified_nbls_over_the_story_so_far():
    traffic = a_traffic((0, ended()), (SECOND, ended(nbls=(*ONE, NblId("2.0")))), (2 * SECOND, ended(BLOCK)))

    assert gauge_of(traffic, 56, 3, 2 * SECOND).rate == 2.0
    assert gauge_of(traffic, 56, 2, 2 * SECOND).rate == 1.5
    assert gauge_of(traffic, 57, 3, 2 * SECOND).rate == 0.0


def test_without_time_there_is_no_rate():
    assert gauge_of(a_traffic((0, ended())), 56, 1, 0).rate is None


def test_outcomes_are_told_apart():
    traffic = a_traffic(
        (SECOND, ended()),
        (SECOND, ended(BLOCK)),
        (SECOND, ended(BLOCK, absorb=True)),
        (SECOND, ev.ModuleBypassed("802.3", 56, ONE)),
        (SECOND, ev.InjectAccepted(1, "f", 56, ONE)),
    )

    flow = flow_of(traffic, 56, 5, 2 * SECOND)

    assert flow.rates == {"permit": 1.0, "block": 0.5, "absorb": 0.5, "inject": 0.5}


def test_what_is_older_than_the_window_does_not_count():
    traffic = a_traffic((SECOND, ended()), (100 * SECOND, ended()))

    assert gauge_of(traffic, 56, 2, 120 * SECOND).rate == pytest.approx(1 / 60)


def test_the_peak_is_the_busiest_part():
    flow = Flow(window_ns=SECOND, unit="frames", rate=None, attached_ns=None, rates={},
                curves={"permit": (1.0, 5.0), "block": (0.0, 1.0), "absorb": (0.0, 0.0), "inject": (9.0, 9.0)})

    assert flow.peak == 6.0


def test_a_long_trace_is_read_in_slices():
    trace = Trace()
    for _ in range(READ_AT_ONCE + 1):
        trace.append(ended(), 1, SECOND, 0)
    traffic = Traffic(trace)

    assert traffic.catch_up()
    assert not traffic.catch_up()
    assert sum(traffic.bins(56, CLASSIFIED, len(trace), SECOND, 4)) == READ_AT_ONCE + 1


@given(st.lists(st.integers(0, 200 * SECOND), min_size=1, max_size=40).map(sorted), st.integers(1, 50), st.data())
def test_the_parts_add_up_to_what_happened_in_the_window(times, parts, data):
    cursor = data.draw(st.integers(0, len(times)))
    traffic = a_traffic(*((time, ended()) for time in times))
    now = times[max(0, cursor - 1)]

    bins = traffic.bins(56, CLASSIFIED, cursor, now, parts)

    start = now - window_ns(now)
    assert len(bins) == parts
    assert sum(bins) == sum(time > start or start <= 0 for time in times[:cursor])


@pytest.mark.parametrize(
    ("rate", "text"),
    [(None, "– /s"), (0.0, "0 /s"), (0.44, "0.4 /s"), (3.0, "3 /s"), (1204.4, "1\u202f204 /s"), (12_345.0, "12.3 k /s"),
     (1_051_019.0, "1.05 M /s"), (2.5e9, "2.50 G /s")],
)
def test_rates_are_short(rate, text):
    assert rate_text(rate) == text


def test_numbers_below_a_thousand_stand_as_they_are():
    assert [short_number(n) for n in (0, 7, 42, 999)] == ["0", "7", "42", "999"]


def test_spans_have_three_figures():
    assert [span_text(ns) for ns in (60 * SECOND, 12_431_000, 3_000)] == ["60 s", "12.4 ms", "3 µs"]
