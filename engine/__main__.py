"""`python -m engine`, and the start of the packaged program."""

import sys

from engine import watchman

if __name__ == "__main__":
    if sys.argv[1:] == [watchman.FLAG]:  # the packaged program is its own Python
        sys.exit(watchman.main())
    from engine.cli import main

    sys.exit(main())
