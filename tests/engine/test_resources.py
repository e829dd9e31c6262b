import pytest

from engine import resources
from engine.resources import MissingResourceError, read_text, resource, resource_root
from tests.corpus import REPOSITORY


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An `engine` package somewhere else, with a `resources` folder beside it."""
    folder = tmp_path / "engine"
    folder.mkdir()
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "note.txt").write_text("beside ✓", encoding="utf-8")
    monkeypatch.setattr(resources, "__file__", str(folder / "resources.py"))
    return folder


def test_in_a_checkout_the_resources_lie_beside_the_packages():
    assert resource_root() == REPOSITORY / "resources"


def test_text_is_read_as_utf_8(package):
    assert read_text("note.txt") == "beside ✓"


def test_in_an_installed_wheel_they_lie_inside_the_engine(package):
    (package / "_resources" / "icons").mkdir(parents=True)
    assert resource("icons") == package / "_resources" / "icons"


def test_in_the_packaged_program_they_lie_where_it_was_unpacked(tmp_path, monkeypatch):
    (tmp_path / "resources" / "icons").mkdir(parents=True)
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resource("icons") == tmp_path / "resources" / "icons"


def test_a_missing_resource_says_which_and_where(package):
    with pytest.raises(MissingResourceError) as caught:
        resource("icons", "play.svg")
    root = package.parent / "resources"
    assert str(caught.value) == f"{root}: no icons/play.svg in the program's own resources; install l2scope again"
