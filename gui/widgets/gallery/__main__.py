"""`python -m gui.widgets.gallery [--theme dark|light] [--scale N] [--shot FILE]`."""

import argparse
import os
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="gallery", description="Show every part of the look.")
    parser.add_argument("--theme", choices=("system", "dark", "light"), default="system")
    parser.add_argument("--scale", type=float, default=1.0, help="scale of the screen, for example 1.5")
    parser.add_argument("--shot", metavar="FILE", help="write a picture (PNG) and end, without a display")
    arguments = parser.parse_args()
    # Both are read when Qt starts, so they come before its import.
    if arguments.scale != 1.0:
        os.environ["QT_SCALE_FACTOR"] = str(arguments.scale)
    if arguments.shot:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from gui.widgets.gallery.page import show_gallery

    return show_gallery(arguments.theme, arguments.shot)


if __name__ == "__main__":
    sys.exit(main())
