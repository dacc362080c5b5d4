"""How the tools of this room end: errors that a user can act on are shown as they are, with exit 1."""

import sys
from collections.abc import Callable

from webpairs.errors import WebpairsError


def run(main: Callable[[], int]) -> None:
    """Ends the process with what `main` returns; with its message and 1 for a WebpairsError."""
    try:
        raise SystemExit(main())
    except WebpairsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
