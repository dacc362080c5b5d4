"""The miniature web, once small with its images drawn, and once whole with its pages alone."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from webpairs.archive import miniature
from webpairs.archive.miniature import pages
from webpairs.archive.miniature.content import Page
from webpairs.archive.miniature.render import html_of
from webpairs.archive.miniature.sites import Site, sites_of
from webpairs.params import Sample

SMALL = Sample(seed=1, sites=5, pages=30, images=80)
WHOLE = Sample(seed=1, sites=14, pages=330, images=1000)


@dataclass(frozen=True)
class Written:
    """The small sample: its files and its truth."""

    files: list[Path]
    truth: pl.DataFrame


@dataclass(frozen=True)
class Seen:
    """A page of the whole sample, and its HTML."""

    site: Site
    page: Page
    html: str


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Written:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEBPAIRS_WORKERS", "1")
        return Written(*miniature.write(tmp_path_factory.mktemp("small"), SMALL))


@pytest.fixture(scope="session")
def seen() -> list[Seen]:
    with pytest.MonkeyPatch.context() as patch:
        # Drawing is most of the work, and says nothing about pages.
        patch.setattr(pages.pictures, "image_files", lambda *_: [])
        return [
            Seen(site, page, html_of(site, page)) for site in sites_of(WHOLE) for page in pages.build(site, WHOLE).pages
        ]
