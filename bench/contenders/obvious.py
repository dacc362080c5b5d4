"""(a) The obvious way with the given libraries: fastwarc, and resiliparse's parser, images and plain text."""

from collections.abc import Sequence
from pathlib import Path

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.encoding import detect_encoding
from resiliparse.parse.html import HTMLTree

from bench.contenders import Counted
from bench.pages import pages

LIBRARIES = ("fastwarc", "resiliparse")


def run(archives: Sequence[Path], folder: Path) -> Counted:  # noqa: ARG001
    """Lists the images with alt and src, and makes the plain text, of every page; keeps neither."""
    found = images = 0
    for archive in archives:
        for page in pages(archive):
            tree = HTMLTree.parse_from_bytes(page.body, detect_encoding(page.body) or "utf-8")
            found += 1
            if tree.document is not None:
                elements = tree.document.query_selector_all("img")
                images += len([(image.getattr("src"), image.getattr("alt")) for image in elements])
            extract_plain_text(tree)
    return Counted(found, images)
