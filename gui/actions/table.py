"""The one table of commands. Keys: ui.md 5."""

from __future__ import annotations

from functools import partial

from engine.debugger.session import StepKind
from gui.actions.command import Command
from gui.actions.frame_commands import FRAME_COMMANDS
from gui.actions.shell import (
    Ask,
    Do,
    Shell,
    can_redo,
    can_step,
    can_step_back,
    can_undo,
    has_capture,
    has_edits,
    has_session,
    is_running,
    live_words,
    redo_words,
    undo_words,
)
from gui.actions.step_commands import STEP_COMMANDS
from gui.models.break_focus import breakpoint_in_focus, known_breakpoint, switch_breakpoint, toggle_breakpoint

MENUS = ("File", "Edit", "View", "Go", "Debug", "Policy", "Capture", "Tools", "Help")

VIEWS = (
    ("frames", "Frames", "frames"), ("stack", "The stack", "stack"), ("policy", "Policy", "policy"),
    ("inspector", "Inspector", "info"), ("steps", "Steps", "steps"), ("nbl_chain", "NBL chain", "nbl_chain"),
    ("packet", "Packet and bytes", "bytes"), ("completions", "Completions", "in_flight"),
    ("explain", "Explain", "explain"), ("callout_source", "Callout source", "callout"),
    ("findings", "Findings", "warning"), ("log", "Log", "log"), ("story", "Story", "teach"),
    ("what_if", "What if", "what_if"), ("ledger", "Ledger", "history"),
    ("live", "Capture", "rate"),
)  # fmt: skip
"""Name, title and icon of every view; the first nine have a key."""

LAYOUTS = ("step", "inspect", "live", "policy", "teach")


def _step(kind: StepKind) -> Do:
    return lambda shell: shell.bridge.step(kind)


def _view(name: str) -> Do:
    return lambda shell: shell.show_view(name)


def _layout(name: str) -> Do:
    return lambda shell: shell.set_layout(name)


def _is_layout(name: str) -> Ask:
    return lambda shell: shell.is_layout(name)


def _page(name: str) -> Do:
    return lambda shell: shell.show_page(name)


def _set(name: str, value: object) -> Do:
    return lambda shell: shell.choose_setting(name, value)


def _is_set(name: str, value: object) -> Ask:
    return lambda shell: shell.is_setting(name, value)


def _toggle_motion(shell: Shell) -> None:
    shell.choose_setting("reduced_motion", not shell.is_setting("reduced_motion", True))


_file = partial(Command, menu="File")
_edit = partial(Command, menu="Edit")
_look = partial(Command, menu="View")
_go = partial(Command, menu="Go")
_debug = partial(Command, menu="Debug")
_policy = partial(Command, menu="Policy")
_capture = partial(Command, menu="Capture")
_tools = partial(Command, menu="Tools")
_help = partial(Command, menu="Help")

COMMANDS: tuple[Command, ...] = (
    _file(id="file.open", text="Open…", keys=("Ctrl+O",), icon="open", run=lambda shell: shell.files.open()),
    _file(id="file.forget_recent", text="Forget recent files", run=lambda shell: shell.files.forget_recent()),
    _file(id="file.save", text="Save session", keys=("Ctrl+Shift+S",), icon="save", when=has_session,
          run=lambda shell: shell.files.save_session(), opens_group=True),
    _file(id="file.save_as", text="Save session as…", when=has_session,
          run=lambda shell: shell.files.save_session_as()),
    _file(id="file.export", text="Export report…", keys=("Ctrl+Shift+E",), icon="export", when=has_session,
          run=lambda shell: shell.files.export(), opens_group=True),
    _file(id="file.close", text="Close session", keys=("Ctrl+W",), when=has_session,
          run=lambda shell: shell.bridge.close_session()),
    _file(id="file.quit", text="Quit", keys=("Ctrl+Q",), run=lambda shell: shell.close(), opens_group=True),

    _edit(id="edit.undo", text="Undo", words=undo_words, keys=("Ctrl+Z",), icon="undo", when=can_undo,
          run=lambda shell: shell.bridge.undo_stack.undo()),
    _edit(id="edit.redo", text="Redo", words=redo_words, keys=("Ctrl+Shift+Z", "Ctrl+Y"), icon="redo", when=can_redo,
          run=lambda shell: shell.bridge.undo_stack.redo()),

    *(_look(id=f"layout.{name}", text=f"Layout: {name.capitalize()}", run=_layout(name), checked=_is_layout(name))
      for name in LAYOUTS),
    _look(id="layout.reset", text="Reset layout", run=lambda shell: shell.reset_layout()),
    *(_look(id=f"view.{name}", text=title, icon=icon, keys=(f"Alt+{number}",) if number <= 9 else (),
            run=_view(name), opens_group=number == 1)
      for number, (name, title, icon) in enumerate(VIEWS, 1)),
    _look(id="view.properties", text="Properties of what is in focus", keys=("Alt+Return",), icon="info",
          run=lambda shell: shell.show_view("inspector")),
    _look(id="view.next_pane", text="Next pane", keys=("F6",), run=lambda shell: shell.cycle_panes(1),
          opens_group=True),
    _look(id="view.previous_pane", text="Previous pane", keys=("Shift+F6",), run=lambda shell: shell.cycle_panes(-1)),
    *(_look(id=f"theme.{mode}", text=text, run=_set("theme", mode), checked=_is_set("theme", mode),
            opens_group=mode == "system", icon="theme" if mode == "system" else "")
      for mode, text in (("system", "Colours as the system"), ("dark", "Dark"), ("light", "Light"))),
    *(_look(id=f"density.{name}", text=f"{name.capitalize()} rows", run=_set("density", name),
            checked=_is_set("density", name), opens_group=name == "compact")
      for name in ("compact", "normal", "touch")),
    _look(id="motion.reduced", text="Reduced motion", run=_toggle_motion, checked=_is_set("reduced_motion", True)),

    _go(id="go.to", text="Go to…", keys=("Ctrl+G",), icon="run_to_here", run=lambda shell: shell.open_go_to()),
    _go(id="go.back", text="Where you were", keys=("Alt+Left",), icon="history",
        when=lambda shell: shell.bridge.can_go_back, run=lambda shell: shell.bridge.go_back()),
    _go(id="go.forward", text="Where you were before going back", keys=("Alt+Right",),
        when=lambda shell: shell.bridge.can_go_forward, run=lambda shell: shell.bridge.go_forward()),
    _go(id="go.previous_frame", text="Previous frame", keys=("F7", "Ctrl+Up"), icon="previous", when=can_step_back,
        run=_step(StepKind.BACK_FRAME), opens_group=True),
    _go(id="go.next_frame", text="Next frame", keys=("F8", "Ctrl+Down"), icon="next", when=can_step,
        run=_step(StepKind.FRAME)),
    _go(id="go.first", text="Start of this frame", keys=("Alt+Home",), icon="first", when=can_step_back,
        run=lambda shell: shell.go_to_start_of_frame()),

    _debug(id="debug.continue", text="Continue", keys=("F5",), icon="continue", when=can_step,
           run=lambda shell: shell.bridge.run()),
    _debug(id="debug.over", text="Step over", keys=("F10",), icon="over", when=can_step, run=_step(StepKind.OVER),
           opens_group=True),
    _debug(id="debug.into", text="Step into", keys=("F11",), icon="into", when=can_step, run=_step(StepKind.INTO)),
    _debug(id="debug.out", text="Step out", keys=("Shift+F11",), icon="out", when=can_step, run=_step(StepKind.OUT)),
    _debug(id="debug.back_over", text="Step back", keys=("Ctrl+F10",), icon="step_back", when=can_step_back,
           run=_step(StepKind.BACK_OVER), opens_group=True),
    _debug(id="debug.back_into", text="Step back into", keys=("Ctrl+F11",), when=can_step_back,
           run=_step(StepKind.BACK_INTO)),
    _debug(id="debug.back_out", text="Step back out", keys=("Ctrl+Shift+F11",), when=can_step_back,
           run=_step(StepKind.BACK_OUT)),
    _debug(id="debug.run_back", text="Run back", keys=("Ctrl+F5",), icon="run_back", when=can_step_back,
           run=lambda shell: shell.bridge.run_back()),
    _debug(id="debug.pause", text="Pause", keys=("Ctrl+Pause", "Ctrl+Cancel"), icon="pause", when=is_running,
           run=lambda shell: shell.bridge.pause(), opens_group=True),
    _debug(id="debug.restart", text="Restart", keys=("Ctrl+Shift+F5",), icon="restart", when=has_session,
           run=lambda shell: shell.bridge.restart()),
    _debug(id="debug.stop", text="Stop and close", keys=("Shift+F5",), icon="stop", when=has_session,
           run=lambda shell: shell.bridge.close_session()),
    _debug(id="debug.breakpoint", text="Breakpoint here", keys=("F9",), icon="breakpoint",
           when=lambda shell: breakpoint_in_focus(shell.bridge) is not None,
           run=lambda shell: toggle_breakpoint(shell.bridge),
           opens_group=True),
    _debug(id="debug.switch_breakpoint", text="Switch the breakpoint here on or off", keys=("Ctrl+F9",),
           icon="disable_breakpoint", when=lambda shell: known_breakpoint(shell.bridge) is not None,
           run=lambda shell: switch_breakpoint(shell.bridge)),
    _debug(id="debug.new_breakpoint", text="New breakpoint…", keys=("Shift+F9",), icon="add", when=has_session,
           run=lambda shell: shell.new_breakpoint()),

    _policy(id="policy.apply", text="Apply the edits as one transaction", keys=("Ctrl+Return",), icon="policy",
            when=has_edits, run=lambda shell: shell.bridge.apply()),
    _policy(id="policy.discard", text="Discard the edits", when=has_edits, run=lambda shell: shell.bridge.discard()),
    _policy(id="policy.new_filter", text="Add filter…", icon="new_filter", run=lambda shell: shell.new_filter(),
            opens_group=True),
    _policy(id="policy.from_template", text="New callout from template…", icon="callout",
            run=lambda shell: shell.new_filter(from_template=True)),
    _policy(id="policy.new", text="Empty policy", run=lambda shell: shell.files.new_policy()),
    _policy(id="policy.save", text="Save policy", keys=("Ctrl+S",), icon="save",
            run=lambda shell: shell.files.save_policy()),
    _policy(id="policy.save_as", text="Save policy as…",
            run=lambda shell: shell.files.save_policy_as()),

    _capture(id="capture.live", text="Capture live", words=live_words, keys=("Ctrl+E",), icon="live",
             run=lambda shell: shell.toggle_live()),
    _capture(id="capture.pause_view", text="Pause the view, not the capture", icon="pause", when=has_session,
             checked=lambda shell: shell.bridge.watch.is_paused,
             run=lambda shell: shell.bridge.watch.set_paused(not shell.bridge.watch.is_paused)),
    _capture(id="capture.interfaces", text="Interfaces", icon="interface", run=_page("interfaces")),
    _capture(id="capture.file", text="Capture file properties", keys=("Ctrl+Alt+Shift+C",), icon="info",
             when=has_capture, run=_page("capture"), opens_group=True),
    _capture(id="capture.follow", text="Follow the file as it grows", when=has_capture,
             run=lambda shell: shell.bridge.read_again(follow=True)),
    _capture(id="capture.search", text="Read the file again, searching behind damage", when=has_capture,
             run=lambda shell: shell.bridge.read_again(salvage=True)),

    _tools(id="tools.palette", text="Find a command or a place", keys=("Ctrl+K", "Ctrl+Shift+P"), icon="palette",
           run=lambda shell: shell.open_palette()),

    _tools(id="tools.explore", text="Explore…", icon="adversity", when=has_session, run=_page("explore")),
    _tools(id="tools.options", text="Engine options", icon="settings", run=_page("options")),

    _help(id="help.keys", text="Keys and help", keys=("F1", "?"), icon="keys", run=_page("keys")),
    _help(id="help.tour", text="Take the tour", words=lambda shell: shell.tour_words(), icon="teach",
          run=lambda shell: shell.take_tour()),
    _help(id="help.stories", text="Stories", icon="teach", run=_page("start")),
    _help(id="help.about", text="About L2Scope", icon="info", run=lambda shell: shell.tell_about(), opens_group=True),
    *STEP_COMMANDS, *FRAME_COMMANDS,
)  # fmt: skip
