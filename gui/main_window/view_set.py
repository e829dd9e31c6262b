"""Which views there are, and in which dock each stands."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from gui.actions import VIEWS, Actions
from gui.main_window.docks import Dock, Shown
from gui.session_bridge import SessionBridge
from gui.views.capture_facts import CaptureFactsView
from gui.views.completions.view import CompletionsView
from gui.views.explain import ExplainView
from gui.views.explore import ExploreView
from gui.views.findings import FindingsView
from gui.views.frames.view import FramesView
from gui.views.inspector.view import InspectorView
from gui.views.interfaces import InterfacesView
from gui.views.keys import KeysView
from gui.views.ledgers.view import LedgerView
from gui.views.live.view import LiveView
from gui.views.log import LogView
from gui.views.nbl.view import NblChainView
from gui.views.options import OptionsView
from gui.views.packet import PacketView
from gui.views.policy.view import PolicyView
from gui.views.source.view import CalloutSourceView
from gui.views.stack.view import StackView
from gui.views.start import StartView
from gui.views.steps import StepsView
from gui.views.story import StoryView
from gui.views.whatif.view import WhatIfView

_CLASSES: dict[str, Callable[[SessionBridge], QWidget]] = {
    "frames": FramesView, "stack": StackView, "policy": PolicyView, "inspector": InspectorView, "steps": StepsView,
    "nbl_chain": NblChainView, "packet": PacketView, "completions": CompletionsView, "explain": ExplainView,
    "callout_source": CalloutSourceView, "findings": FindingsView, "log": LogView, "story": StoryView,
    "what_if": WhatIfView, "ledger": LedgerView, "live": LiveView,
}  # fmt: skip

DOCKS = {
    "frames": ("frames",),
    "policy": ("policy",),
    "inspector": ("inspector",),
    "live": ("live",),
    "steps": ("steps", "completions", "findings", "log"),
    "nbl": ("nbl_chain", "packet", "callout_source", "ledger"),
    "explain": ("explain", "what_if", "story"),
}
"""Docks with their views, those of one dock behind tabs."""


def make_docks(bridge: SessionBridge) -> dict[str, Dock]:
    return {name: Dock(name, [_shown(view, bridge) for view in views]) for name, views in DOCKS.items()}


def make_pages(bridge: SessionBridge, actions: Actions) -> list[Shown]:
    """The stack, and the pages that can stand in its place."""
    return [
        _shown("stack", bridge),
        Shown("start", "The stack", "stack", StartView(bridge, actions)),
        Shown("interfaces", InterfacesView.title, InterfacesView.icon, InterfacesView(bridge)),
        Shown("capture", CaptureFactsView.title, CaptureFactsView.icon, CaptureFactsView(bridge)),
        Shown("options", OptionsView.title, OptionsView.icon, OptionsView(bridge)),
        Shown("explore", ExploreView.title, ExploreView.icon, ExploreView(bridge)),
        Shown("keys", KeysView.title, KeysView.icon, KeysView(actions)),
    ]


def _shown(name: str, bridge: SessionBridge) -> Shown:
    title, icon = next((title, icon) for known, title, icon in VIEWS if known == name)
    return Shown(name, title, icon, _CLASSES[name](bridge))
