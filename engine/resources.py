"""The one way to files of `resources/`, wherever the program was installed."""

import sys
from pathlib import Path


class MissingResourceError(FileNotFoundError):
    """A file that the program brings with it is not there: our mistake, or a damaged installation."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, self.root = name, root
        super().__init__(f"{root}: no {name} in the program's own resources; install l2scope again")


def resource_root() -> Path:
    """Return the folder that holds the resources.

    In the packaged program it lies beside the frozen modules, in an installed wheel inside the package `engine`, in a
    checkout beside the packages.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    package = Path(__file__).resolve().parent
    installed = package / "_resources"
    return installed if installed.is_dir() else package.parent / "resources"


def resource(*parts: str) -> Path:
    """Return the path of one resource, `resource("icons", "play.svg")`; a folder's name gives the folder.

    Raises MissingResourceError if there is none of that name.
    """
    root = resource_root()
    path = root.joinpath(*parts)
    if not path.exists():
        raise MissingResourceError("/".join(parts), root)
    return path


def read_text(*parts: str) -> str:
    """Return the text (UTF-8) of one resource."""
    return resource(*parts).read_text(encoding="utf-8")
