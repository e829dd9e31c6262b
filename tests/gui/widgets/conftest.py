"""Widget tests see the dark theme unless they ask for the other."""

import pytest

from gui.theme import theme, theme_manager


@pytest.fixture(autouse=True)
def look(qapp):
    theme_manager().set_mode("dark")
    yield theme()
    theme_manager().set_mode("dark")
