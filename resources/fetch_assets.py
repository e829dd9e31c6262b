"""Make resources/icons and resources/fonts again from the packages they come from.

Run from any folder, with npm on the path: `python resources/fetch_assets.py`. The folders are part of the repository,
so this runs only when a token names a new icon or a font is renewed.
"""

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

RESOURCES = Path(__file__).resolve().parent
PACKAGES = {"icons": "lucide-static", "inter": "@expo-google-fonts/inter", "mono": "@expo-google-fonts/jetbrains-mono"}
WEIGHTS = ("400Regular", "500Medium", "600SemiBold", "700Bold")

# The controls' own glyphs; they stand for no action, so the tokens do not list them.
CONTROL_ICONS = ("check", "chevron-down", "chevron-right", "chevron-up", "dot", "ellipsis", "minus", "x")

# A style sheet cannot colour an image, so these are stored once for each theme: file, icon, group and name of colour.
TINTED = (
    ("arrow-down", "chevron-down", "text", "secondary"),
    ("arrow-down-off", "chevron-down", "text", "disabled"),
    ("arrow-up", "chevron-up", "text", "secondary"),
    ("arrow-right", "chevron-right", "text", "secondary"),
    ("branch-closed", "chevron-right", "text", "muted"),
    ("branch-open", "chevron-down", "text", "muted"),
    ("check", "check", "text", "on_accent"),
    ("check-off", "check", "text", "disabled"),
    ("partly", "minus", "text", "on_accent"),
    ("menu-check", "check", "accent", "base"),
    ("close", "x", "text", "secondary"),
)


def main() -> None:
    tokens = json.loads((RESOURCES / "look" / "tokens.json").read_text("utf-8"))
    with tempfile.TemporaryDirectory() as scratch:
        packages = {part: fetch(name, Path(scratch) / part) for part, name in PACKAGES.items()}
        copy_icons(packages["icons"], tokens)
        copy_fonts(packages["inter"], "Inter", RESOURCES / "fonts" / "inter")
        copy_fonts(packages["mono"], "JetBrainsMono", RESOURCES / "fonts" / "jetbrains-mono")
    tint(tokens)


def fetch(package: str, folder: Path) -> Path:
    """Unpack the newest `package` under `folder`; return the folder of its files."""
    folder.mkdir()
    command = ["npm", "pack", "--silent", package]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 — a constant of this file
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package"


def copy_icons(package: Path, tokens: dict) -> None:
    marks = {mark["icon"] for mark in tokens["marks"].values() if "icon" in mark}
    names = sorted({*tokens["icons"].values(), *marks, *CONTROL_ICONS})
    folder = emptied(RESOURCES / "icons")
    shutil.copy(package / "LICENSE", folder / "LICENSE")
    for name in names:
        shutil.copy(package / "icons" / f"{name}.svg", folder / f"{name}.svg")


def copy_fonts(package: Path, stem: str, folder: Path) -> None:
    emptied(folder)
    shutil.copy(package / "LICENSE_FONT", folder / "OFL.txt")
    for weight in WEIGHTS:
        shutil.copy(package / weight / f"{stem}_{weight}.ttf", folder / f"{stem}_{weight}.ttf")


def tint(tokens: dict) -> None:
    for theme, colours in tokens["themes"].items():
        folder = emptied(RESOURCES / "look" / "glyphs" / theme)
        for file, icon, group, name in TINTED:
            svg = (RESOURCES / "icons" / f"{icon}.svg").read_text("utf-8")
            svg = re.sub(r'stroke-width="[\d.]+"', 'stroke-width="2"', svg)
            (folder / f"{file}.svg").write_text(svg.replace("currentColor", colours[group][name]), "utf-8")


def emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    main()
