"""Follows a script through its lines: which function runs, which of its locals changed. Source: contracts 4.

The hooks that `line_hooks` has put into the code come here. Nothing here changes what the script does, or asks it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from types import FrameType
from typing import Any, Protocol

from engine.callouts.line_hooks import LEAVE, LINE, RETURN
from engine.callouts.local_texts import CONSTANT, NOT_SHOWN, LocalTexts, attributes_of, is_callout
from engine.callouts.texts import type_name

MOST_NAMES = 32
"""Locals of a function that are followed, and as many attributes of `self`."""
LONGEST_NAME = 64
_OFF = -1
"""No more room, and told so; or nobody is to be followed now."""

Known = dict[str, tuple[object, str]]
"""By name: the value, where its text can never change, or its class, where the text names no more; and the text."""


class Activation:
    """One call of one function of the script."""

    __slots__ = ("call", "frame", "function", "known", "level", "line", "value")

    def __init__(self, frame: FrameType, call: int, level: int) -> None:
        self.frame, self.call, self.level = frame, call, level
        self.function = _name(frame.f_code.co_name)
        self.line = frame.f_code.co_firstlineno
        self.known: Known = {}
        self.value: str | None = None
        """What it is about to return."""


class LineSink(Protocol):
    """Hears of what a script does, in order."""

    def new_call(self) -> int:
        """A number for a call of a function; no two of a run have the same."""

    def executed(self, activation: Activation, changed: dict[str, str]) -> None: ...
    def returned(self, activation: Activation, changed: dict[str, str], raised: str) -> None: ...
    def left_out(self, activation: Activation | None, limit: int) -> None: ...


Outer = tuple[list[Activation], int]
"""What was followed before the engine called into the script once more."""


class LineRecorder:
    """Follows the script of one driver while the engine is in a call into it: `begin`, the call, `end`."""

    __slots__ = ("_limit", "_room", "_sink", "_stack", "_texts")

    def __init__(self, sink: LineSink, limit: int, texts: LocalTexts) -> None:
        self._sink, self._limit, self._texts = sink, limit, texts
        self._stack: list[Activation] = []
        self._room = _OFF

    def hooks(self) -> dict[str, Any]:
        """What the hooks in the code are called by."""
        return {LINE: self._line, RETURN: self._return, LEAVE: self._leave}

    def begin(self) -> Outer:
        """The engine is about to call into the script; give the result to `end`."""
        outer = self._stack, self._room
        self._stack, self._room = [], self._limit
        return outer

    def end(self, outer: Outer) -> None:
        """The call has come back, one way or other."""
        if self._stack:
            self._finish(self._stack[0], {}, "")
        self._stack, self._room = outer

    # --- hooks: called from the script's own functions ---------------------------------------------------------------

    def _line(self, number: int) -> bool:
        if self._room <= 0:
            if self._room == 0:
                self._room = _OFF
                self._sink.left_out(self._stack[0] if self._stack else None, self._limit)
            return True
        if type(number) is not int:  # a script has found the hook, and calls it itself
            return True
        frame = sys._getframe(1)
        activation = self._at(frame)
        activation.line = number
        self._room -= 1
        self._sink.executed(activation, _changes(activation.known, frame, self._texts))
        return True

    def _return(self, value: object) -> object:
        stack = self._stack
        if self._room > 0 and stack and stack[-1].frame is sys._getframe(1):
            stack[-1].value = self._texts.text(value)
        return value

    def _leave(self) -> None:
        stack, frame = self._stack, sys._getframe(1)
        place = next((place for place in range(len(stack) - 1, -1, -1) if stack[place].frame is frame), None)
        if place is None:
            return
        activation = stack[place]
        del stack[place:]  # above it, generators that this function has used up or dropped
        if self._room > 0:
            error = sys.exception() if activation.value is None else None
            changed = _changes(activation.known, frame, self._texts)
            self._finish(activation, changed, "" if error is None else type_name(error))
        elif not activation.level:
            activation.value = None
            self._finish(activation, {}, "")

    # --- inside ------------------------------------------------------------------------------------------------------

    def _at(self, frame: FrameType) -> Activation:
        """The activation of a frame, made when it is new; those that ended without a word are dropped."""
        stack = self._stack
        if stack and stack[-1].frame is frame:
            return stack[-1]
        caller: FrameType | None = frame
        left = 0
        while caller is not None and not left:
            left = next((place + 1 for place in range(len(stack) - 1, -1, -1) if stack[place].frame is caller), 0)
            caller = caller.f_back
        if stack and not left:
            self._finish(stack[0], {}, "")
        del stack[left:]
        if not stack or stack[-1].frame is not frame:
            stack.append(Activation(frame, self._sink.new_call(), len(stack)))
        return stack[-1]

    def _finish(self, activation: Activation, changed: dict[str, str], raised: str) -> None:
        self._sink.returned(activation, changed, raised)


def _changes(known: Known, frame: FrameType, texts: LocalTexts) -> dict[str, str]:
    """Names whose texts differ from the last time; an empty text where a name is bound no more."""
    changed: dict[str, str] = {}
    count = 0
    for name, value in _values(frame):
        count += 1
        kind = type(value)
        before = known.get(name)
        if before is not None and (before[0] is value or before[0] is kind):
            continue
        text = texts.text(value)
        known[name] = (value if kind in CONSTANT else kind if texts.is_opaque(kind) else None, text)
        if before is None or before[1] != text:
            changed[name] = text
    if len(known) > count:
        bound = {name for name, _ in _values(frame)}
        for name in [name for name in known if name not in bound]:
            changed[name] = ""
            del known[name]
    return changed


def _values(frame: FrameType) -> Iterator[tuple[str, object]]:
    """The locals of a function, and the attributes of the callouts among them."""
    for name, value in islice(frame.f_locals.items(), MOST_NAMES):
        kind = type(value)
        if kind in NOT_SHOWN:
            continue
        yield name, value
        if kind not in CONSTANT and is_callout(kind):
            for attribute, inner in islice(dict.items(attributes_of(value)), MOST_NAMES):  # whatever class it has
                if type(attribute) is str:
                    yield f"{name}.{_name(attribute)}", inner


def _name(name: str) -> str:
    """As the script wrote it; a name that no script can write is quoted."""
    return name[:LONGEST_NAME] if name.isidentifier() else repr(name[:LONGEST_NAME])
