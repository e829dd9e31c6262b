"""What holds for every test: no display is needed, hypothesis repeats itself, settings of the user stay untouched."""

import os

# Qt reads its platform when the first application object is made: this must come before any import of PySide6.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTEST_QT_API", "pyside6")

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# The machine's load must not decide whether a test passes, and a failure must come back on the next run.
settings.register_profile(
    "l2scope", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("l2scope")


@pytest.fixture(autouse=True)
def _private_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point the settings at the run's own folder, so that no test reads or writes the user's."""
    home: Path = tmp_path_factory.getbasetemp() / "settings"
    home.mkdir(exist_ok=True)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(home))
    # The compiled kernels outlive a run: compiling them takes some seconds.
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path(__file__).resolve().parent.parent / ".cache"))
