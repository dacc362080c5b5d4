"""(e) The limit: what any way over lexbor's tree costs, a parse and one walk over all nodes from Python."""

from collections.abc import Sequence
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from bench.contenders import Counted
from bench.pages import pages

LIBRARIES = ("fastwarc", "selectolax")


def run(archives: Sequence[Path], folder: Path) -> Counted:  # noqa: ARG001
    """Parses every page and visits its nodes; looks at none, and keeps nothing."""
    found = 0
    for archive in archives:
        for page in pages(archive):
            root = LexborHTMLParser(page.body).root
            if root is not None:
                for _ in root.traverse(include_text=True):
                    pass
            found += 1
    return Counted(found, None)
