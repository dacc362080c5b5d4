"""The command `webpairs`, to be run in the folder of a project, where params.yaml and data/ are."""

import argparse
import json
import os
import sys
from collections.abc import Sequence

from webpairs import stage
from webpairs.explain import explain
from webpairs.explain.show import sheet, values
from webpairs.params import Params


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a subcommand; ends the process with 1 where it can't do its work, with 2 where it is called wrongly."""
    parser = argparse.ArgumentParser(prog="webpairs", description="Image-text datasets from web archives.")
    commands = parser.add_subparsers(title="commands", required=True)
    explaining = commands.add_parser(
        "explain",
        help="all that is known of a candidate",
        description="Goes back to the archive and prints a candidate's element, its texts, and what every later stage "
        "that has run decided about it; of a page, or of an image on several pages, a list of candidates.",
    )
    explaining.add_argument(
        "id",
        metavar="ID",
        help="a candidate_id (which is also a pair's key) or page_id, or its first 6 or more digits; "
        "or the URL of an image or a page",
    )
    explaining.add_argument("--json", action="store_true", help="print JSON, with texts as they are and not cut")
    explaining.add_argument(
        "--spans", type=int, default=0, metavar="K", help="ask the trained model for its K best spans of a candidate"
    )
    given = parser.parse_args(arguments)
    if given.spans < 0:
        parser.error(f"--spans is {given.spans}: give how many, at least 1.")
    stage.main("webpairs explain", lambda params: _explain(given, params))


def _explain(given: argparse.Namespace, params: Params) -> None:
    found = explain(given.id, params, given.spans)
    # JSON in ASCII: controls and marks of direction are escaped, so that nothing acts on a terminal here either.
    text = json.dumps(values(found), indent=2) + "\n" if given.json else sheet(found, sys.stdout.isatty())
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "replace").decode(encoding), end="", flush=True)
    except BrokenPipeError:
        # Whoever read along has seen enough; Python would write the rest once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
