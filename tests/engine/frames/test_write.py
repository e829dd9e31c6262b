"""What is written as pcapng reads back."""

from hypothesis import given
from hypothesis import strategies as st

from engine.frames.capture import open_capture
from engine.frames.frame import Direction, DirectionFrom, Frame, Interface, MacAddress
from engine.frames.link_types import not_modelled
from engine.frames.write import write_pcapng

INTERFACES = [
    Interface(id=0, name="eth0", mac=MacAddress(bytes.fromhex("020000000001")), link_type=1, description="Adapter ü"),
    Interface(id=1, name="can0", mac=None, link_type=227, index=2),
]


@st.composite
def frame_lists(draw):
    """Frames on interfaces that appear in the order of their ids."""
    rows = draw(
        st.lists(
            st.tuples(
                st.binary(max_size=80),
                st.integers(0, 2**63 - 1),
                st.integers(0, 9),
                st.sampled_from(Direction),
                st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=9), max_size=3),
                st.integers(0, 1),
            ),
            max_size=6,
        )
    )
    rows = [row if any(first[5] == 0 for first in rows[:i]) else (*row[:5], 0) for i, row in enumerate(rows)]
    return [
        Frame(
            number=number,
            time_ns=time_ns,
            data=data,
            length_bytes=len(data) + cut,
            interface=INTERFACES[id_],
            direction=way,
            direction_from=DirectionFrom.EPB_FLAGS,
            comments=tuple(comments),
            skip_reason=not_modelled(227) if id_ else None,
        )
        for number, (data, time_ns, cut, way, comments, id_) in enumerate(rows, 1)
    ]


@given(frame_lists())
def test_frames_read_back_as_they_were_written(tmp_path_factory, frames):
    path = tmp_path_factory.getbasetemp() / "written.pcapng"
    with path.open("wb") as file:
        write_pcapng(file, frames)

    capture = open_capture(path)

    assert list(capture) == frames
    assert capture.damage is None


def test_a_direction_that_was_only_assumed_is_not_written(tmp_path):
    path = tmp_path / "a.pcapng"
    frame = Frame(
        number=1,
        time_ns=-1,
        data=b"short",
        length_bytes=9,
        fcs_bytes=4,
        interface=INTERFACES[0],
        direction=Direction.INBOUND,
        direction_from=DirectionFrom.DEFAULT,
    )
    with path.open("wb") as file:
        write_pcapng(file, [frame])

    [read] = open_capture(path)

    assert (read.time_ns, read.length_bytes, read.direction_from) == (0, 5, DirectionFrom.DEFAULT)
