"""One archive → a parquet of its candidates and a JSON of what was counted, kept as finished work by fingerprint."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from webpairs import engine, page, shards
from webpairs.archive import arc, bodies, read, recover, region, sniff
from webpairs.page.candidates import Origin, Row, candidates
from webpairs.page.counts import Counts
from webpairs.records import CANDIDATES

BODY_AT_MOST = 10 << 20
BREAKS_SHOWN = 20
ROWS_TOGETHER = 2000

_PAGES = ("text/html", "application/xhtml+xml")
_HTML = re.compile(rb"\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL)
_LIBRARIES = ("fastwarc", "resiliparse", "selectolax", "tldextract", "brotli", "zstandard")


@dataclass(frozen=True, slots=True)
class Job:
    """An archive to extract from, and the fingerprint of all that the result depends on."""

    name: str
    path: Path
    digest: str
    before: int
    after: int
    key: str

    @property
    def table(self) -> Path:
        return shards.SCRATCH / "extract" / f"{self.key}.parquet"

    @property
    def counted(self) -> Path:
        return self.table.with_suffix(".json")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of one archive: `job.table` is the parquet of its candidates."""

    job: Job
    counted: dict[str, Any]
    is_new: bool  # False where finished work was found


def job(name: str, path: str, digest: str, before: int, after: int) -> Job:
    """The job of one row of the manifest."""
    code = shards.code_digest(page, read, bodies, recover, region, arc, sniff)
    libraries = [version(library) for library in _LIBRARIES]
    key = shards.fingerprint(name, digest, before, after, code, libraries, [str(item) for item in CANDIDATES.items()])
    return Job(name, Path(path), digest, before, after, key)


def extract_all(jobs: Sequence[Job]) -> list[Extracted]:
    """Extracts the archives that aren't done yet on all workers; all results, in the order of the jobs.

    Never raises for what is in an archive; raises OSError where one can't be opened.
    """
    new = [job for job in jobs if not job.counted.exists()]
    for _ in engine.map_ordered(_finish, new, what="extract", unit="archives"):
        pass
    return [Extracted(job, json.loads(job.counted.read_text(encoding="utf-8")), job in new) for job in jobs]


def _finish(job: Job) -> None:
    def produce(path: Path) -> None:
        frame, counted = _extract(job)
        # The table goes first: where the counts stand, all is done.
        shards.write_parquet(job.table, frame, CANDIDATES, sort_by=["record_offset"])
        path.write_text(json.dumps(counted), encoding="utf-8")

    shards.finished("extract", job.key, ".json", produce)


def _extract(job: Job) -> tuple[pl.DataFrame, dict[str, Any]]:
    counts, tally, others = Counts(), read.Tally(), Counter[str]()
    frames: list[pl.DataFrame] = []
    rows: list[Row] = []

    def is_page(head: read.Head) -> bool:
        reason = "" if head.media_type in (*_PAGES, "") else "not_html"
        reason = reason or ("" if head.is_success else "not_success")
        others[reason] += 1
        return not reason

    for record in read.records(job.path, is_page, tally, BODY_AT_MOST):
        rows += _candidates(job, record, counts, tally, others)
        if len(rows) >= ROWS_TOGETHER:
            frames.append(pl.DataFrame(rows, schema=CANDIDATES))
            rows = []
    del others[""]
    frame = pl.concat([*frames, pl.DataFrame(rows, schema=CANDIDATES)])
    counted = {item.name: getattr(counts, item.name) for item in fields(counts)} | {
        "records": tally.records,
        "record_drops": tally.drops,
        "other_records": others,
        "records_cut": tally.cut,
        "breaks": tally.breaks[:BREAKS_SHOWN],
        "breaks_beyond": max(0, len(tally.breaks) - BREAKS_SHOWN),
    }
    return frame, counted


def _candidates(job: Job, record: read.Record, counts: Counts, tally: read.Tally, others: Counter[str]) -> list[Row]:
    head = record.head
    # Servers send images as text/html, and pages without any type.
    if bodies.is_raster(record.body) or (not head.media_type and not _HTML.match(record.body[:2048])):
        others["not_html"] += 1
        return []
    if not record.body.strip():
        tally.drops["empty_body"] += 1
        return []
    origin = Origin(job.name, job.digest, head.offset, head.nth, head.url, head.date, head.content_type)
    try:
        return candidates(record.body, origin, job.before, job.after, counts)
    except Exception as error:
        # A page that shows a defect of webpairs costs that page, not the hours that went before it.
        tally.drops["defect"] += 1
        tally.breaks.append((head.offset, f"defect of webpairs: {type(error).__name__}: {error}"[:200]))
        return []
