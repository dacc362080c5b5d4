"""The miniature web: a small web of drawn images and invented prose, whose truth is known.

It is made of a few parts: `sites` (what there is), `prose` and `foreign` (sentences), `texts` (what is said of an
image), `layout` and `pages` (where it stands), `pictures` (files), `markup`, `render` and `encode` (how a page is
written), `crawl` and `writing` (the WARC files).
"""

from pathlib import Path
from typing import Any

import polars as pl

from webpairs import engine, records
from webpairs.archive.miniature.crawl import Task, write_site
from webpairs.archive.miniature.sites import sites_of
from webpairs.params import Sample


def write(folder: Path, sample: Sample) -> tuple[list[Path], pl.DataFrame]:
    """Writes a .warc.gz file a site into the folder; returns the files, and the truth with the schema records.TRUTH.

    The bytes depend on the sample alone, not on the number of processes.
    """
    tasks = [Task(site, sample, folder) for site in sites_of(sample)]
    files: list[Path] = []
    rows: list[dict[str, Any]] = []
    for name, truth in engine.map_ordered(write_site, tasks, "miniature web", "sites"):
        files.append(folder / name)
        rows += truth
    return sorted(files), pl.DataFrame(rows, schema=records.TRUTH)
