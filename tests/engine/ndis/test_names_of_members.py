"""Members of enumerations that stand by themselves too."""

from __future__ import annotations

from enum import Enum
from types import ModuleType

import pytest

from engine.frames import frame
from engine.frames.frame import Direction
from engine.ndis import snapshot
from engine.ndis.snapshot import NblKind, NblState


@pytest.mark.parametrize(("module", "members"), [
    (snapshot, [NblKind.ORIGINAL, NblKind.CLONE, NblKind.NEW]), (snapshot, list(NblState)), (frame, list(Direction)),
])
def test_a_member_that_stands_by_itself_is_the_one_of_its_name(module: ModuleType, members: list[Enum]) -> None:
    assert {member.name: getattr(module, member.name) for member in members} == {
        member.name: member for member in members}
