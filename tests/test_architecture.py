"""The project's own source keeps its rules, and the rules are able to complain."""

import subprocess
import sys

import pytest

from tests.architecture import (
    RULES,
    Source,
    deterministic,
    folder_order,
    no_code_from_data,
    no_qt_in_engine,
    scapy_stays_out,
    short,
)
from tests.corpus import REPOSITORY

SOURCES = [
    Source(path=path.relative_to(REPOSITORY).as_posix(), text=path.read_text(encoding="utf-8"))
    for package in ("engine", "gui")
    for path in sorted((REPOSITORY / package).rglob("*.py"))
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_source_keeps_the_rule(rule):
    assert [complaint for source in SOURCES for complaint in rule(source)] == []


def test_both_packages_are_read():
    assert {source.package for source in SOURCES} == {"engine", "gui"}


def test_the_engine_and_its_command_line_load_without_qt_and_without_scapy():
    heavy = {"PySide6", "pyqtgraph", "qasync", "scapy", "gui"}
    loaded = f"import sys, engine.cli; print(sorted({heavy} & {{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def planted(path: str, text: str) -> Source:
    return Source(path=path, text=text)


@pytest.mark.parametrize(
    ("path", "text", "complaint"),
    [
        ("engine/frames/x.py", "from engine.wfp import a", "frames imports engine.wfp.a, below it in the order"),
        ("engine/frames/x.py", "import engine.trace.a", "frames imports engine.trace.a, below it in the order"),
        ("engine/frames/x.py", "from engine import report", "frames imports engine.report, below it in the order"),
        ("engine/frames/x.py", "from ..classify import a", "frames imports engine.classify.a, below it in the order"),
        ("engine/ndis/deep/x.py", "from ...cli import a", "ndis imports engine.cli.a, below it in the order"),
        ("engine/ndis/x.py", "import_module('engine.wfp')", "ndis imports engine.wfp, below it in the order"),
        ("engine/ndis/x.py", "def f():\n    import engine.cli", "ndis imports engine.cli, below it in the order"),
        ("engine/report/x.py", "def f():\n    import gui.app", "the engine imports gui.app"),
        ("engine/cli.py", "import gui.app", "the engine imports gui.app"),
        ("gui/models/x.py", "from gui.views import a", "models imports gui.views.a, below it in the order"),
        ("gui/widgets/x.py", "from gui import actions", "widgets imports gui.actions, below it in the order"),
        ("engine/magic/x.py", "", "magic has no rank in the order of engine/"),
    ],
)
def test_an_import_against_the_order_is_found(path, text, complaint):
    assert any(found.endswith(f": {complaint}") for found in folder_order(planted(path, text)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("engine/wfp/x.py", "from engine.frames import fields\nfrom engine.wfp.guid import Guid\nfrom .y import z"),
        ("engine/cli.py", "def main():\n    from gui.app import main"),
        ("gui/views/x.py", "from gui.actions import ACTIONS\nfrom engine.trace import Trace"),
    ],
)
def test_an_import_along_the_order_is_welcome(path, text):
    assert folder_order(planted(path, text)) == []


@pytest.mark.parametrize(
    "text", ["import PySide6", "from PySide6.QtCore import QObject", "def f():\n    import pyqtgraph as pg"]
)
def test_qt_in_the_engine_is_found(text):
    assert len(no_qt_in_engine(planted("engine/report/x.py", text))) == 1
    assert no_qt_in_engine(planted("gui/views/x.py", text)) == []


@pytest.mark.parametrize(
    "text", ["import scapy.main", "from scapy.tools import UTscapy", "from scapy.layers.l2 import Ether"]
)
def test_scapy_in_the_replaying_engine_is_found(text):
    assert scapy_stays_out(planted("engine/frames/pcap.py", text)) != []


def test_scapy_is_welcome_at_the_wire_and_in_the_window():
    text = "from scapy.layers.l2 import Ether"
    assert scapy_stays_out(planted("engine/frames/live.py", text)) == []
    assert scapy_stays_out(planted("engine/frames/devices.py", text)) == []
    assert scapy_stays_out(planted("gui/models/packet.py", text)) == []


@pytest.mark.parametrize(
    "text", ["import pickle", "from marshal import loads", "eval('1')", "exec('')", "compile('', '', 'exec')"]
)
def test_running_what_was_read_is_found(text):
    assert len(no_code_from_data(planted("gui/views/x.py", text))) == 1


def test_the_callout_loader_may_run_a_script_and_anyone_may_compile_a_pattern():
    assert no_code_from_data(planted("engine/callouts/loader.py", "exec(compile('', '', 'exec'))")) == []
    assert no_code_from_data(planted("engine/wfp/x.py", "import re\nre.compile('a')")) == []


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from threading import Lock",
        "import asyncio",
        "import datetime\ndatetime.datetime.now()",
        "from datetime import date\ndate.today()",
        "import uuid\nuuid.uuid4()",
        "import os\nos.urandom(4)",
        "import random\nrandom.random()",
        "import random\nrandom.Random()",
        "from random import Random\nRandom()",
        "from random import shuffle",
        "import numpy as np\nnp.random.rand(3)",
        "import numpy as np\nnp.random.default_rng()",
        "hash('text')",
        "def f():\n    global x\n    x = 1",
    ],
)
def test_what_differs_from_run_to_run_is_found(text):
    assert len(deterministic(planted("engine/classify/x.py", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import random\nrandom.Random(7).random()",
        "from random import Random\nRandom(7)",
        "import numpy as np\nnp.random.default_rng(7)",
        "from datetime import datetime, UTC\ndatetime.fromtimestamp(0, UTC)",
        "class A:\n    def roll(self):\n        return self.random.random()",
        "class A:\n    def __hash__(self):\n        return hash(1)",
    ],
)
def test_what_repeats_itself_is_welcome(text):
    assert deterministic(planted("engine/classify/x.py", text)) == []


def test_a_live_source_may_look_at_the_clock():
    assert deterministic(planted("engine/frames/live.py", "import time, threading")) == []


def test_long_files_and_long_functions_are_found():
    assert len(short(planted("engine/wfp/x.py", "x = 1\n" * 301))) == 1
    assert len(short(planted("gui/views/x.py", "def f():\n" + "    x = 1\n" * 80))) == 1
    assert short(planted("gui/views/x.py", "def f():\n" + "    x = 1\n" * 79)) == []
