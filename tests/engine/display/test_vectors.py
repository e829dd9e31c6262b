"""Asked of many frames at once or of one after the other, a display filter says the same."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.display.facts import Entries, Numbers, Part, Patched, entries_of
from engine.display.fields import FIELDS
from engine.display.one import holds
from engine.display.parse import parse_filter
from engine.display.vectors import matching

NUMBERS = ("vlan.id", "eth.addr", "eth.src", "eth.dst", "frame.time_relative", "l2_flags", "arp")
TEXTS = ("comment", "outcome", "finding")
ADDRESSES = ("02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:5e:00:00:02", "ff:ff:ff:ff:ff:ff")
_numbers = {
    "vlan.id": st.integers(0, 5), "frame.time_relative": st.integers(-3, 3).map(lambda one: one * 10**9),
    "l2_flags": st.integers(0, 7), "arp": st.integers(0, 1),
} | dict.fromkeys(("eth.addr", "eth.src", "eth.dst"),
                  st.sampled_from([int(one.replace(":", ""), 16) for one in ADDRESSES]))  # fmt: skip
_texts = {"comment": st.sampled_from(["", "a", "ab", "Ab", "b1"]), "outcome": st.sampled_from(["sent", "blocked"]),
          "finding": st.sampled_from(["M01", "M06"])}


def _leaves():
    operators = st.sampled_from(["==", "!=", "===", "!==", "<", "<=", ">", ">="])
    equal = st.sampled_from(["==", "!=", "===", "!=="])
    vlan = st.builds("vlan.id {} {}".format, operators, st.integers(0, 5))
    address = st.builds("{} {} {}".format, st.sampled_from(["eth.addr", "eth.src"]), equal,
                        st.sampled_from([*ADDRESSES, "02:00:*", "02:00:00:00:00:00/24", "02:*:5e:*"]))
    return st.one_of(
        vlan, address,
        st.builds("eth.src {} eth.dst".format, operators),
        st.builds("eth.addr {} eth.src".format, operators),
        st.builds("vlan.id in {{{}..{}}}".format, st.integers(0, 2), st.integers(2, 5)),
        st.builds("vlan.id not in {{{}, {}}}".format, st.integers(0, 5), st.integers(0, 5)),
        st.builds("l2_flags & {} {} {}".format, st.integers(0, 7), operators, st.integers(0, 7)),
        st.builds("frame.time_relative {} {}".format, operators, st.integers(-2, 2)),
        st.builds("count(vlan.id) {} {}".format, operators, st.integers(0, 3)),
        st.builds('comment {} "{}"'.format, equal, st.sampled_from(["a", "ab"])),
        st.builds("{}({}) == {}".format, st.just("len"), st.just("comment"), st.integers(0, 2)),
        st.sampled_from([
            "arp", "vlan.id", "comment", "eth.src[0:3] == 02:00:5e", "eth.addr contains 00:02", "l2_flags & 4",
            "eth.src[1-2] in {00:5e}", 'comment matches "^a"', "lower(comment) contains b", "outcome == sent",
            "finding in {M06, M07}", "arp == false", "count(comment)", "eth.addr in {02:00:5e:*, ff:ff:ff:ff:ff:ff}",
        ]))


_tests = st.recursive(_leaves(), lambda inner: st.one_of(
    inner.map("not ({})".format), st.builds("({}) and ({})".format, inner, inner),
    st.builds("({}) or ({})".format, inner, inner), st.builds("({}) xor ({})".format, inner, inner)), max_leaves=5)


@st.composite
def _frames(draw):
    """Some frames, each a few values of every field; and the same in columns, each made in one of the ways."""
    count = draw(st.integers(0, 12))
    frames = [{name: tuple(draw(st.lists(values, max_size=1 if name == "arp" else 3)))
               for name, values in (_numbers | _texts).items()} for _ in range(count)]
    columns = {name: _column([frame[name] for frame in frames], draw, values, is_text=name in TEXTS)
               for name, values in (_numbers | _texts).items()} if frames else {}
    return frames, columns


def _column(rows, draw, values, *, is_text):
    filler = None if is_text else draw(values)  # what stands where there is no value must not matter
    how = 0 if is_text else draw(st.integers(0, 3))
    if how == 0:
        return entries_of(rows)
    if how == 1:
        return _parts(rows, filler)
    if how == 2:
        entries = sorted(set(rows))
        return Numbers(_parts(entries, filler).parts, np.array([entries.index(row) for row in rows]))
    places = np.array(sorted(draw(st.sets(st.integers(0, len(rows) - 1)))), np.int64)
    lies = [(3,) if place in places else row for place, row in enumerate(rows)]
    return Patched(_parts(lies, filler), places, entries_of([rows[place] for place in places]))


def _parts(rows, filler):
    most = max([1, *map(len, rows)])
    return Numbers(tuple(
        Part(np.array([row[place] if place < len(row) else filler for row in rows], np.int64),
             np.array([place < len(row) for row in rows]))
        for place in range(most)))  # fmt: skip


@given(_frames(), _tests)
def test_vectors_and_single_frames_agree(frames_and_columns, text):
    frames, columns = frames_and_columns
    test = parse_filter(text).test
    by_field = {FIELDS[{"comment": "frame.comment"}.get(name, name)]: column for name, column in columns.items()}
    names = {FIELDS[{"comment": "frame.comment"}.get(name, name)]: name for name in (*NUMBERS, *TEXTS)}

    facts = SimpleNamespace(count=len(frames), column=by_field.__getitem__)
    found = matching(test, facts).tolist() if frames else []

    assert found == [
        holds(test, SimpleNamespace(values=lambda field, frame=frame: frame[names[field]])) for frame in frames]


def test_what_stands_where_there_is_no_value_does_not_matter():
    """Frames with the values 2; 2 and 3; none. The places of what is missing hold what is asked for."""
    there = [np.array([True, True, False]), np.array([False, True, False])]
    tags = Numbers((Part(np.array([2, 2, 3], np.int64), there[0]), Part(np.array([3, 3, 3], np.int64), there[1])))
    once = Numbers((Part(np.array([3, 3, 3], np.int64)),))
    facts = SimpleNamespace(count=3, column=lambda field: tags if field.many else once)

    def found(text):
        return matching(parse_filter(text).test, facts).tolist()

    assert found("vlan.id != 3") == [True, False, False]
    assert found("vlan.id === 2") == [True, False, False]
    assert found("vlan.id == 3") == [False, True, False]
    assert found("vlan.id != frame.len") == [True, False, False]
    assert found("vlan.id == frame.len") == [False, True, False]
    assert found("vlan.id < frame.len") == [True, True, False]


def test_what_speaks_of_classes_is_joined_before_it_is_spread():
    index = np.array([0, 1, 1, 0])
    facts = SimpleNamespace(count=4, column=lambda field: Numbers((Part(np.array([1, 2], np.uint64)),), index))

    assert matching(parse_filter("vlan.id == 2 and eth.type == 2").test, facts).tolist() == [False, True, True, False]


def test_entries_are_asked_once_however_many_frames_have_them():
    column = Entries([("sent",), ("blocked",)], np.array([1, 0, 1]))
    facts = SimpleNamespace(count=3, column=lambda field: column)

    assert matching(parse_filter("outcome == blocked").test, facts).tolist() == [True, False, True]
