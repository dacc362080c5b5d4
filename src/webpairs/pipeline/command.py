"""How the tools of this room end: errors that a user can act on are shown as they are, with exit 1."""

import sys
from collections.abc import Callable

from webpairs.errors import WebpairsError


def run(main: Callable[[], None]) -> None:
    """Calls `main`; a WebpairsError ends the process with its message and exit 1."""
    try:
        main()
    except WebpairsError as error:
        print(error, file=sys.stderr)
        raise SystemExit(1) from None
