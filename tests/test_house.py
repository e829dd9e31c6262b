"""What the files around the code promise: lock file, licence, README, set-up scripts."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import engine
from tests.corpus import REPOSITORY

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENTS = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]]
LOCK_LINES = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8").splitlines()
LOCK = dict(line.partition("==")[::2] for line in LOCK_LINES)
PINNED = {canonicalize_name(name): number for name, number in LOCK.items()}

# Put together from parts, so that this file keeps the rules it tests.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"), ("npmjs", "org"), ("npmjs", "com"),
        ("unpkg", "com"), ("jsdelivr", "net"), ("crates", "io"), ("rubygems", "org"), ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w./<>])/(?:home|root|Users|work)/[\w.]|\b[A-Z]:\\+Users\\+\w")


def tracked_files() -> list[Path]:
    """Return the files that are in the repository or would be added to it."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    return [REPOSITORY / name for name in names if name and (REPOSITORY / name).is_file()]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Give every text file of the repository by its path."""
    if shutil.which("git") is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to the project")
    found = {}
    for path in tracked_files():
        data = path.read_bytes()
        if b"\0" not in data[:8192]:
            found[path.relative_to(REPOSITORY).as_posix()] = data.decode("utf-8")
    return found


def test_every_line_of_the_lock_is_a_name_and_a_version():
    assert [line for line in LOCK_LINES if not re.fullmatch(r"[A-Za-z0-9][\w.-]*==\d[\w.]*", line)] == []


def test_the_lock_is_sorted_and_names_each_package_once():
    names = [canonicalize_name(name) for name in LOCK]
    assert names == sorted(set(names))
    assert len(LOCK) == len(LOCK_LINES)


def test_the_lock_keeps_within_the_ranges_of_the_project():
    wrong = [
        str(wanted)
        for wanted in REQUIREMENTS
        if not wanted.specifier.contains(PINNED.get(canonicalize_name(wanted.name), ""))
    ]
    assert wrong == []


def test_the_lock_is_closed_under_requirement_on_linux():
    linux = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "extra": ""}
    missing = set()
    for name in LOCK:
        for line in distribution(name).requires or []:
            needed = Requirement(line)
            wanted = needed.marker is None or needed.marker.evaluate(linux)
            if wanted and canonicalize_name(needed.name) not in PINNED:
                missing.add(f"{name} needs {needed.name}")
    assert missing == set()


def test_the_environment_is_the_locked_one():
    assert {name: version(name) for name in LOCK} == LOCK


def test_no_file_names_a_registry(texts):
    assert [(path, host) for path, text in texts.items() for host in REGISTRY_HOSTS if host in text] == []


def test_no_file_names_a_path_of_one_machine(texts):
    found = [(path, hit.group()) for path, text in texts.items() if (hit := MACHINE_PATH.search(text))]
    assert found == []


@pytest.mark.parametrize("path", ["/" + "home/ann/x", "'/" + "root/x", "/" + "work/main", "C:" + "\\Users\\ann"])
def test_a_path_of_one_machine_is_recognised(path):
    assert MACHINE_PATH.search(path)


@pytest.mark.parametrize("path", ["/usr/bin/python3", "docs/work/x", "https://example.net/home/x", "<repo>/work/x"])
def test_other_paths_are_left_alone(path):
    assert not MACHINE_PATH.search(path)


def test_the_program_has_one_version():
    newest = re.search(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert {PROJECT["version"], engine.__version__, version("l2scope"), newest[1]} == {PROJECT["version"]}


def test_the_licence_is_the_gpl_version_2_or_later():
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert text.split()[:7] == ["GNU", "GENERAL", "PUBLIC", "LICENSE", "Version", "2,", "June"]
    assert "END OF TERMS AND CONDITIONS" in text
    assert PROJECT["license"] == "GPL-2.0-or-later"


README = (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_two_commands_of_the_readme_are_targets_of_the_makefile():
    targets = re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    told = re.findall(r"^make (\w+)", README, re.MULTILINE)
    assert told == ["run", "test"]
    assert set(told) <= set(targets)


def test_every_file_that_the_readme_points_to_is_there():
    pointed = re.findall(r"\]\(([^)#:]+)\)", README)
    assert pointed
    assert [name for name in pointed if not (REPOSITORY / name).is_file()] == []


def test_every_command_of_the_readme_is_known_to_the_program():
    told = set(re.findall(r"^l2scope ([a-z]+)\b(?!\.)", README, re.MULTILINE))
    shown = subprocess.run(
        [sys.executable, "-m", "engine", "--help"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert told == {"explore", "run", "fields", "interfaces", "live", "report"}
    assert [name for name in sorted(told) if name not in shown.stdout] == []


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup"])
def test_the_scripts_can_be_started(script):
    path = REPOSITORY / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].rpartition("/")[2].removeprefix("env ")
    assert os.access(path, os.X_OK)
    assert subprocess.run([shell, "-n", path], check=False).returncode == 0


@pytest.mark.skipif(shutil.which("objdump") is None, reason="objdump reads what a library needs")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the table of libraries is Debian's")
def test_the_setup_knows_every_library_that_qt_asks_of_the_system():
    table = (REPOSITORY / ".ci" / "setup").read_text(encoding="utf-8")
    qt = Path(str(distribution("PySide6_Essentials").locate_file("PySide6")))
    used = "Core Gui Widgets Svg SvgWidgets DBus Network OpenGL OpenGLWidgets PrintSupport Test XcbQpa WaylandClient"
    libraries = [qt / "Qt" / "lib" / f"libQt6{name}.so.6" for name in used.split()]
    libraries += [qt / "Qt" / "plugins" / "platforms" / f"libq{name}.so" for name in ("xcb", "wayland", "offscreen")]
    for folder in ("iconengines", "xcbglintegrations", "wayland-shell-integration"):
        libraries += sorted((qt / "Qt" / "plugins" / folder).glob("*.so"))
    headers = subprocess.run(["objdump", "-p", *libraries], capture_output=True, text=True, check=True).stdout
    needed = set(re.findall(r"NEEDED +(\S+)", headers))
    shipped = {path.name for path in (qt / "Qt" / "lib").iterdir()}
    # what every Debian has, and what lies in the package of a library in the table
    of_the_system = re.compile(r"(libc|libm|libdl|librt|libpthread|libresolv|libgcc_s|ld-linux.*)\.so")
    of_another = {"libbrotlicommon.so.1", "libgthread-2.0.so.0"}
    asked = {name for name in needed - shipped - of_another if not of_the_system.match(name)}
    assert [name for name in sorted(asked) if f"\n{name} " not in table] == []


def test_the_wheel_carries_every_resource(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=REPOSITORY, capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("engine/_resources/")}
    resources = REPOSITORY / "resources"
    present = {path.relative_to(resources).as_posix() for path in resources.rglob("*") if path.is_file()}
    assert packed == {f"engine/_resources/{name}" for name in present if "__pycache__" not in name}
