"""Display filter terms for the cells of the frames table, and for the conversation that a frame belongs to."""

from __future__ import annotations

from engine.debugger.frames.row import FrameRow, FrameState
from engine.display.fields import FIELDS, PROTOCOLS, field_named
from engine.frames.ethernet import MINIMUM_ETHER_TYPE
from engine.wfp.policy import Policy
from gui.models.display.terms import quoted, term, term_of
from gui.models.frames.column import FIELDS as FIELD_NAMES
from gui.models.frames.column import Column
from gui.models.frames.table import FramesModel

_FLAGS = {value: name for name, (value, _) in PROTOCOLS.items()}


def cell_term(model: FramesModel, row: int, column: int) -> str:
    """What a cell shows, as a display filter; empty where nothing can be asked."""
    frame = model.frame(row)
    if frame is None:
        return ""
    if column >= len(Column):
        field = model.fields[column - len(Column)]
        return term_of(field, model.moment(frame.number).values(field))
    match column:
        case Column.TYPE:
            return _type_term(frame)
        case Column.REMOTE:
            return f"eth.addr == {frame.remote}" if frame.remote else ""
        case Column.DECIDED_BY:
            session = model.session
            return "" if session is None else decided_term(model.state(frame.number), session.policy)
    field = FIELDS[FIELD_NAMES[Column(column)]]
    values = model.moment(frame.number).values(field)
    return "" if not values and field.changes else term_of(field, values)


def decided_term(state: FrameState | None, policy: Policy | None) -> str:
    """By name, which is the same in the next session; by id if the policy no longer has the filter."""
    if state is None or state.decided_by is None:
        return ""
    known = None if policy is None else policy.filter_by_id.get(state.decided_by)
    return term("filter.id", state.decided_by) if known is None else f"filter.name == {quoted(known.name)}"


def conversation_term(frame: FrameRow) -> str:
    """Frames between the same two addresses; empty where the frame does not have both."""
    if not frame.source or not frame.destination:
        return ""
    return f"eth.addr == {frame.source} and eth.addr == {frame.destination}"


def _type_term(frame: FrameRow) -> str:
    type_ = frame.ether_type
    if type_ is None:
        return ""
    if type_ in _FLAGS:
        return _FLAGS[type_]
    if type_ < MINIMUM_ETHER_TYPE:
        return "eth.len"
    asked = field_named("vlan.etype" if frame.vlan else "eth.type")
    assert asked is not None
    return term(asked.name, type_)
