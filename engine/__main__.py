"""`python -m engine`, and the start of the packaged program."""

import sys

from engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
