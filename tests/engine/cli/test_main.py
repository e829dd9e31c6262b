"""`l2scope` itself: which command, what is told when none fits."""

import sys
from types import ModuleType

import pytest

import gui
from engine import __version__
from engine.cli import main
from engine.cli.progress import Progress


@pytest.fixture
def opened(monkeypatch):
    """The window's own `main`, replaced: what it was called with."""
    calls = []
    app = ModuleType("gui.app")
    app.main = lambda files, smoke: calls.append((files, smoke)) or 7
    monkeypatch.setitem(sys.modules, "gui.app", app)
    monkeypatch.setattr(gui, "app", app, raising=False)
    return calls


def test_without_a_command_the_window_opens(tmp_path, opened):
    capture = tmp_path / "run.pcap"
    capture.touch()

    assert [main([]), main([str(capture)]), main(["--smoke", "r.html", str(capture)])] == [7, 7, 7]
    assert opened == [([], None), ([str(capture)], None), ([str(capture)], "r.html")]


def test_what_is_neither_a_command_nor_a_file_is_one_line(opened, capsys):
    assert main(["rum", "a.pcap"]) == 2
    assert opened == []
    assert capsys.readouterr().err == (
        "l2scope: rum: there is no such file, and no such command; the commands are run, explore, live, fields, "
        "report, interfaces\n")


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"l2scope {__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["live", "--help"], ["fields", "--help"]])
def test_help_is_no_error(arguments, capsys):
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.out.startswith("usage: l2scope")
    assert said.err == ""


def test_progress_goes_to_a_terminal_only(monkeypatch, capsys):
    now = iter([0.0, 0.4, 0.6, 0.7, 2.0])
    monkeypatch.setattr("engine.cli.progress.monotonic", lambda: next(now))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    shown = Progress(is_wanted=True)
    for frames in (10, 30, 35, 100):
        shown.tick(frames)
    shown.clear()

    assert capsys.readouterr().err == "\r\x1b[K30 frames, 50 frames/s\r\x1b[K100 frames, 50 frames/s\r\x1b[K"

    monkeypatch.setattr("engine.cli.progress.monotonic", lambda: 9.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    hidden = Progress(is_wanted=True)
    hidden.tick(1)
    hidden.clear()

    assert capsys.readouterr().err == ""
