"""Pools and MDLs, and what every call notes down.

Source: callouts-nbl-injection 5.6, 5.8.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType
from typing import Any

from engine.callouts.texts import type_name
from engine.callouts.views import MdlView
from engine.classify.call_path import call_path
from engine.classify.host import Host
from engine.classify.kernel.views import KernelViews, number
from engine.classify.verifier.sources import lineage_for, origin_of
from engine.ndis.mdl import Mdl, Memory
from engine.ndis.snapshot import NblState
from engine.trace import events as ev

ALLOCATION_LIMIT_BYTES = 16 << 20
"""Largest memory of one MDL, and largest retreat."""

POOLS = {"NdisAllocateNetBufferListPool": "pool", "NdisAllocateNetBufferPool": "nbpool"}
"""By the function that makes it: what a pool is named."""

ENGINE = str(Path(__file__).parents[2])
CALLERS = str(Path(__file__).parents[1])
"""Whence scripts are called. Their guards, which may call them too, are in another folder."""
SHALLOW = 6
"""A script's function that the engine has called by so few of its other functions is at no recursion's end."""
STACK_ROOM = 30
"""Calls that must fit on the stack before anything is changed: a script may come here from the end of a recursion."""


class KernelPools(KernelViews):
    """Functions that make and free pools and MDLs."""

    def _said(self, function: str) -> dict[str, Any]:
        """`driver` and `line` of a call event."""
        driver = self.running(function)
        script = driver.script
        frame: FrameType | None = sys._getframe(3)  # behind this, the kernel's function and that of `fwps`
        if frame is None or frame.f_code.co_filename != script.file:
            frame = self._caller(script.file)
        elif not is_shallow(script.file, frame):
            need_room(STACK_ROOM)
        said = {"driver": driver.name, "line": ""} if frame is None else driver.place_of(frame)
        if self.host.records_stacks:
            self.host.emit(ev.StackCaptured(function, call_path(driver), **said))
        return said

    @staticmethod
    def _caller(script: str) -> FrameType | None:
        """The function of the script that calls, by whatever ways."""
        frame: FrameType | None = sys._getframe(3)
        is_direct = True
        while frame is not None and (name := frame.f_code.co_filename) != script:
            is_direct = is_direct and name.startswith(ENGINE)
            frame = frame.f_back
        if not (is_direct and is_shallow(script, frame)):
            need_room(STACK_ROOM)
        return frame

    def _note(self, *, kept: int = 0, failed: int = 0, pended: bool = False) -> None:
        notes = self.host.call
        if notes is not None:
            notes.kept += kept
            notes.failed += failed
            if pended:
                notes.pended = True
                notes.repended = notes.repended or notes.met_own

    def _failed(self, function: str, said: dict[str, Any]) -> bool:
        """A function whose failure is a NULL is to fail; tell it."""
        status = self.host.faults.status_for(function)
        if status is not None:
            self.host.emit(ev.CallRefused(function, status, "it returns NULL", **said))
        return status is not None

    def pool_allocate(self, function: str) -> str | None:
        said = self._said(function)
        if self._failed(function, said):
            return None
        pool = f"{POOLS[function]}{self.host.next_pool}"
        self.host.next_pool += 1
        self.host.pools[pool] = said["driver"], said["line"]
        self.host.emit(ev.PoolAllocated(pool, **said))
        return pool

    def pool_free(self, pool: object, function: str) -> None:
        said = self._said(function)
        if not is_pool(self.host, pool, function.replace("Free", "Allocate")):
            raise ValueError(f"{function}: " + (
                "the pool is NULL" if pool is None else "there is no such pool, or it was freed before"))
        assert isinstance(pool, str), "as it is one"
        del self.host.pools[pool]
        left = [nbl.id for nbl in self.host.nbls.values() if nbl.pool == pool and nbl.state is not NblState.FREED]
        self.host.emit(ev.PoolFreed(pool, **said))
        if left:
            self.host.broken("M47", f"{pool} freed with {len(left)} live NBLs, the first {left[0]}",
                             about=(pool, *left[:3]))

    def mdl_allocate(self, memory: bytearray, length: int) -> MdlView | None:
        said = self._said("NdisAllocateMdl")
        if type(memory) is not bytearray:  # a class derived from it could run code whenever the engine reads
            raise TypeError(f"NdisAllocateMdl: the memory is a bytearray, not {type_name(memory)}")
        length = number(length, "length")
        if not 0 < length <= min(len(memory), ALLOCATION_LIMIT_BYTES):
            raise ValueError(f"NdisAllocateMdl: length {length} does not fit a memory of {len(memory)} bytes")
        if self._failed("NdisAllocateMdl", said):
            return None
        id_ = lineage_for(self.host, origin_of(self.host, memory)).new_memory()
        mdl = Mdl(id_, Memory(id_, memory, said["driver"]), 0, length, allocated_by=said["driver"])
        mdl.origin = said["line"]
        self.host.mdls[id_] = mdl
        self.host.emit(ev.MdlAllocated(mdl.id, id_, mdl.memory.lend(), **said))
        return MdlView(self, mdl)

    def mdl_free(self, mdl: object) -> None:
        said = self._said("NdisFreeMdl")
        one = self._mdl(mdl, "NdisFreeMdl")
        if one.freed:
            self.host.broken("M16", f"MDL {one.id} freed twice", about=(one.id,))
            return
        if one.allocated_by is None:
            self.host.broken("M17", f"MDL {one.id} is not the driver's to free", about=(one.id,))
            return
        one.freed = True
        one.memory.give_back()
        self.host.mdls.pop(one.id, None)
        self.host.emit(ev.MdlFreed(one.id, one.memory.id, **said))


def is_pool(host: Host, pool: object, function: str) -> bool:
    """A live pool that this function has made."""
    return isinstance(pool, str) and pool in host.pools and pool.rstrip("0123456789") == POOLS[function]


def is_shallow(script: str, frame: FrameType | None) -> bool:
    """The function of the script that calls the kernel, with this frame, stands a few calls above the engine's own."""
    for _ in range(SHALLOW):
        if frame is None:
            return False
        name = frame.f_code.co_filename
        if name != script:
            return name.startswith(CALLERS)
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(CALLERS)


def need_room(calls: int) -> None:
    """RecursionError if so many more calls do not fit on the stack."""
    if calls:
        need_room(calls - 1)
