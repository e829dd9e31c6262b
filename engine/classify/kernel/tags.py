"""Packet tags on behalf of a driver. Source: callouts-nbl-injection 5.8 [ddi: fwpsk function pages]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.callouts.texts import type_name
from engine.classify.kernel.derived import KernelDerived
from engine.classify.kernel.views import number
from engine.classify.tags import LAYER_NON_WFP, Tagging, tell
from engine.ndis.nbl import NetBufferList
from engine.ndis.status import Status
from engine.ndis.tag_events import TagEvent
from engine.trace import events as ev
from engine.wfp.layers import layer_by_id


class KernelTags(KernelDerived):
    """Functions that tag NBLs."""

    def tag_make(self) -> tuple[int, int]:
        function = "FwpsNetBufferListGetTagForContext0"
        said = self._said(function)
        refused = self.host.faults.status_for(function)
        if refused is not None:
            self.host.emit(ev.CallRefused(function, refused, "no tag", **said))
            return refused, 0
        self.host.next_tag += 1
        return 0, self.host.next_tag - 1

    def tag_associate(self, nbl: object, layer: int, context: int, tag: int, notify: Callable[..., Any],
                      flags: int) -> int:
        function = "FwpsNetBufferListAssociateContext1"
        said = self._said(function)
        one = self._nbl(nbl, function)
        layer, context, tag = number(layer, "layerId", 16), number(context, "context", 64), number(tag, "tag", 64)
        if not callable(notify):
            raise TypeError(f"{function}: notifyFn is a function, not {type_name(notify)}")
        known = layer == LAYER_NON_WFP or layer_by_id(layer) is not None
        fits = known and not number(flags, "flags") and 0 < tag < self.host.next_tag and tag not in one.tags
        reached = self._reach(one, "a tag")
        if not fits or not reached:
            self.host.emit(ev.NblTagged(one.id, tag, context, layer, int(Status.STATUS_INVALID_PARAMETER), **said))
            return int(Status.STATUS_INVALID_PARAMETER)
        refused = self.host.faults.status_for(function)
        if refused is not None:
            self.host.emit(ev.NblTagged(one.id, tag, context, layer, refused, **said))
            return refused
        one.tags[tag] = Tagging(self.running(function), context, layer, notify, self.nbl_view(one))
        self.host.emit(ev.NblTagged(one.id, tag, context, layer, 0, changed=(one.snapshot(),), **said))
        return 0

    def tag_retrieve(self, nbl: object, tag: int, flags: int, *, remove: bool) -> tuple[int, int | None]:
        function = "FwpsNetBufferListRetrieveContext0"
        said = self._said(function)
        one = self._nbl(nbl, function)
        tag, flags = number(tag, "contextTag", 64), number(flags, "flags")
        tagging = one.tags.get(tag)
        status = int(Status.STATUS_SUCCESS if tagging else Status.STATUS_NOT_FOUND)
        if remove and tagging is not None:
            del one.tags[tag]
        self.host.emit(ev.TagRetrieved(one.id, tag, None if tagging is None else tagging.context, remove, status,
                                       changed=(one.snapshot(),) if remove and tagging else (), **said))
        return status, None if tagging is None else tagging.context

    def tag_remove(self, nbl: object, tag: int, flags: int) -> int:
        function = "FwpsNetBufferListRemoveContext0"
        said = self._said(function)
        tag, flags = number(tag, "contextTag", 64), number(flags, "flags")
        tagged: list[NetBufferList] = [self._nbl(nbl, function)] if nbl is not None else list(self.host.nbls.values())
        found = [one for one in tagged if tag in one.tags]
        for one in found:
            context = one.tags[tag].context
            others = {key: value for key, value in one.tags.items() if key != tag}
            one.tags = {tag: one.tags[tag]}
            tell(self.host, one, TagEvent.CONTEXT_REMOVED)
            one.tags = others
            self.host.emit(ev.TagRetrieved(one.id, tag, context, True, 0, changed=(one.snapshot(),), **said))
        return int(Status.STATUS_SUCCESS if found or nbl is None else Status.STATUS_NOT_FOUND)
