"""How a stage is run: params in, errors in the user's words, a non-zero exit where nothing useful can follow."""

import os
import sys
import traceback
from collections.abc import Callable

from webpairs import params, progress
from webpairs.errors import WebpairsError


def main(name: str, run: Callable[[params.Params], None]) -> None:
    """Runs one stage and ends the process: 0 when it has done its work, 1 when it could not.

    A WebpairsError is shown as it is, since its message says cause and next step; anything else is a defect of
    webpairs, and shows its traceback too.
    """
    # Stages start processes of their own after tokenizers have been used, which tokenizers otherwise warn about.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    progress.quiet_libraries()
    try:
        run(params.load())
    except WebpairsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except FileNotFoundError as error:
        print(f"{name}: {error.filename} is missing: run `make all`, or the stage that writes it.", file=sys.stderr)
        raise SystemExit(1) from None
    except Exception:
        traceback.print_exc()
        print(f"{name}: this is a defect of webpairs; please report it with the lines above.", file=sys.stderr)
        raise SystemExit(1) from None
