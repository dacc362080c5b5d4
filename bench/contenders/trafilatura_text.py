"""(d) trafilatura's extraction of the main text with its images; pages read with fastwarc."""

import logging
from collections.abc import Sequence
from pathlib import Path

import trafilatura

from bench.contenders import Counted
from bench.pages import pages

LIBRARIES = ("trafilatura", "lxml", "fastwarc")

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


def run(archives: Sequence[Path], folder: Path) -> Counted:  # noqa: ARG001
    """Extracts every page with trafilatura's defaults and images; keeps nothing."""
    found = images = 0
    for archive in archives:
        for page in pages(archive):
            text = trafilatura.extract(page.body, url=page.url, include_images=True)
            found += 1
            images += (text or "").count("![")
    return Counted(found, images)
