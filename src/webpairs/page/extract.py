"""One archive → parquets of its pages and candidates and a JSON of what was counted, kept as finished work."""

import gc
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from webpairs import archive, engine, page, shards
from webpairs.archive import read, wat
from webpairs.archive.media import may_be_page, page_by
from webpairs.archive.revisits import Original
from webpairs.page import links
from webpairs.page.candidates import Extract, Origin, extract
from webpairs.page.counts import Counts
from webpairs.page.revisited import CAPTURES, captures
from webpairs.page.tables import candidates_table, pages_table
from webpairs.records import CANDIDATES, PAGES

BODY_AT_MOST = 10 << 20
BREAKS_SHOWN = 20
# What a part holds at most, so that memory doesn't grow with the archive.
CANDIDATES_TOGETHER = 20_000
CHARACTERS_TOGETHER = 16 << 20  # of text
_COLLECTED_EVERY = 200_000  # objects more than there were

_LIBRARIES = ("ada-url", "brotli", "fastwarc", "resiliparse", "selectolax", "tldextract", "zstandard")

_T = TypeVar("_T")


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
    def counted(self) -> Path:
        return shards.SCRATCH / "extract" / f"{self.key}.json"

    def pages(self, part: int) -> Path:
        return shards.SCRATCH / "extract" / f"{self.key}-{part:05}-pages.parquet"

    @property
    def captures(self) -> Path:
        """The table of the archive's pages, images and revisit records."""
        return shards.SCRATCH / "extract" / f"{self.key}-captures.parquet"

    def candidates(self, part: int) -> Path:
        return shards.SCRATCH / "extract" / f"{self.key}-{part:05}-candidates.parquet"


@dataclass(frozen=True, slots=True)
class Extracted:
    """What came of one archive: so many parts of `job.pages` and `job.candidates`, and what was counted."""

    job: Job
    counted: dict[str, Any]
    is_new: bool  # False where finished work was found

    @property
    def parts(self) -> range:
        return range(self.counted["parts"])


def job(name: str, path: str, digest: str, before: int, after: int) -> Job:
    """The job of one row of the manifest."""
    code = shards.code_digest(archive, page)
    libraries = [version(library) for library in _LIBRARIES]
    schemas = [str(item) for schema in (PAGES, CANDIDATES) for item in schema.items()]
    key = shards.fingerprint(name, digest, before, after, code, libraries, schemas)
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
        # The parts go first: where the counts stand, all is done.
        path.write_text(json.dumps(_Archive(job).extract()), encoding="utf-8")

    shards.finished("extract", job.key, ".json", produce)


class _Archive:
    """An archive being extracted."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._counts = Counts()
        self._tally = read.Tally()
        self._others: Counter[str] = Counter()  # records that are no pages
        self._known_by: Counter[str] = Counter()  # pages: by their type, their body, or as text
        self._images: list[Original] = []
        self._extracts: list[Extract] = []
        self._candidates = self._characters = self._parts = 0

    def extract(self) -> dict[str, Any]:
        """Writes the parts; what was counted."""
        with _rarely_collecting():
            if wat.is_wat(self._job.path):
                for described in self._in_parts(wat.described(self._job.path, self._is_described, self._tally)):
                    self._described(described)
            else:
                pages = read.records(self._job.path, self._is_page, self._tally, BODY_AT_MOST, is_beginning_enough=True)
                for record in self._in_parts(pages):
                    self._page(record)
        self._write()
        shards.write_parquet(self._job.captures, captures(self._tally, self._images), CAPTURES, [])
        return self._counted()

    def _in_parts(self, records: Iterator[_T]) -> Iterator[_T]:
        for record in records:
            # A record's length is known when the next one is there.
            if self._candidates >= CANDIDATES_TOGETHER or self._characters >= CHARACTERS_TOGETHER:
                self._write()
            yield record

    def _is_page(self, head: read.Head) -> bool:
        reason = "" if may_be_page(head.media_type) else "not_html"
        reason = reason or ("" if head.is_success else "not_success")
        if reason == "not_html" and head.is_success and head.media_type.startswith("image/"):
            original = Original(head.offset, head.nth, head.url, head.date, head.payload_digest)
            self._tally.collect(self._images, original)
        return self._is_wanted(reason)

    def _is_described(self, head: read.Head, has_html: bool) -> bool:
        is_html = has_html or page_by(head.media_type, b"") == "type"
        reason = "" if head.kind == "response" else "describes_no_response"
        reason = reason or ("" if is_html else "not_html")
        return self._is_wanted(reason or ("" if head.is_success else "not_success"))

    def _is_wanted(self, reason: str) -> bool:
        if reason:
            self._others[reason] += 1
        return not reason

    def _page(self, record: read.Record) -> None:
        head, tally = record.head, self._tally
        if not record.body.strip():
            tally.drops["empty_body"] += 1
            return
        known_by = page_by(head.media_type, record.body)
        if not known_by:
            self._others["not_html"] += 1
            return
        self._known_by[known_by] += 1
        around = self._job.before, self._job.after
        self._extract(head, lambda origin: extract(record.body, origin, *around, self._counts))

    def _described(self, described: wat.Described) -> None:
        self._known_by["wat"] += 1
        self._extract(described.head, lambda origin: links.extract(described, origin, self._counts))

    def _extract(self, head: read.Head, extracted: Callable[[Origin], Extract | None]) -> None:
        headers = {"x-robots-tag": head.robots, "tdm-reservation": head.tdm, "link": head.link}
        origin = Origin(
            archive=self._job.name,
            archive_digest=self._job.digest,
            offset=head.offset,
            nth=head.nth,
            url=head.url,
            date=head.date,
            content_type=head.content_type,
            payload_digest=head.payload_digest,
            headers=headers,
        )
        try:
            found = extracted(origin)
        except Exception as error:
            # A page that shows a defect of webpairs costs that page, not the hours that went before it.
            self._tally.drops["defect"] += 1
            self._tally.breaks.append((head.offset, f"defect of webpairs: {type(error).__name__}: {error}"[:200]))
            return
        if found is not None:
            self._extracts.append(found)
            self._candidates += len(found.candidates)
            self._characters += len(found.text)

    def _write(self) -> None:
        """Writes what was extracted since the last part."""
        pages = pages_table(self._extracts, self._tally.lengths)
        shards.write_parquet(self._job.pages(self._parts), pages, PAGES, [])
        shards.write_parquet(self._job.candidates(self._parts), candidates_table(self._extracts), CANDIDATES, [])
        self._tally.lengths.clear()
        self._extracts = []
        self._candidates = self._characters = 0
        self._parts += 1

    def _counted(self) -> dict[str, Any]:
        tally, counts = self._tally, self._counts
        counts.cuts["body_too_large"] += tally.beginnings
        return {item.name: getattr(counts, item.name) for item in fields(counts)} | {
            "parts": self._parts,
            "records": tally.records,
            "record_drops": tally.drops,
            "other_records": self._others,
            "pages_known_by": self._known_by,
            "records_cut": tally.cut,
            "uncollected": tally.uncollected,
            "bytes": tally.bytes,
            "bytes_unread": tally.unread,
            "breaks": tally.breaks[:BREAKS_SHOWN],
            "breaks_beyond": max(0, len(tally.breaks) - BREAKS_SHOWN),
        }


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Hardly any garbage here has cycles, and looking for it as often as Python does takes a tenth of the time."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def copy_parts(archives: Sequence[Extracted], pages: Path, candidates: Path) -> None:
    """Puts the parts of all archives into these two folders, under the archives' names."""
    for one in archives:
        for part in one.parts:
            name = f"{one.job.name}-{part:05}.parquet"
            shutil.copyfile(one.job.pages(part), pages / name)
            shutil.copyfile(one.job.candidates(part), candidates / name)
