"""Every URL → a verdict; every image worth keeping → its bytes, as they were, in tars."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from webpairs import records, shards
from webpairs.image.check import EXTENSIONS, Checked, Limits, size_verdict
from webpairs.image.download import Answer, Http, download
from webpairs.image.harvest import harvest
from webpairs.image.isolated import Checker, check_files
from webpairs.image.spool import Spool, pack
from webpairs.image.urls import MATCHES, data_bytes, kind
from webpairs.progress import track


@dataclass(frozen=True)
class Source:
    """Where the bytes for a URL came from, or the verdict why there are none."""

    origin: str = ""  # archive, data, http
    match: str = ""  # of origin archive: how its URL matched
    checked: Checked | None = None  # what is known of the bytes; of bytes in the spool, not yet their verdict
    verdict: str = ""


def fetch(
    urls: Sequence[str], archives: Sequence[Path], limits: Limits, http: Http | None, scratch: Path, folder: Path
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Writes the tars of the kept images into `folder`; returns the table of verdicts (records.IMAGES) and its numbers.

    The bytes come from the archives, else from the URL itself (data:), else over HTTP where `http` isn't None. What was
    downloaded is remembered in `scratch` until the caller removes it, so that a killed run needn't ask again.
    """
    urls = sorted(set(urls))
    sources = _from_archives([url for url in urls if kind(url) != "data"], archives, limits, scratch)
    _from_urls([url for url in urls if url not in sources], sources, limits, http, scratch)
    spool = Spool(scratch / "spool")
    digests = sorted({source.checked.sha256 for source in sources.values() if source.checked and not source.verdict})
    paths = [spool.path(digest) for digest in digests]
    verdicts = track(check_files(paths, Checker(limits)), "images checked", "images", len(paths))
    checked = dict(zip(digests, verdicts, strict=True))
    kept = [digest for digest in digests if checked[digest].verdict == "kept"]
    members = [f"{digest}.{EXTENSIONS[str(checked[digest].format)]}" for digest in kept]
    tars = pack(((name, spool.path(digest)) for name, digest in zip(members, kept, strict=True)), folder)
    places = dict(zip(kept, zip(tars, members, strict=True), strict=True))
    frame = pl.DataFrame(
        [_row(url, sources[url], checked, places) for url in urls], schema=records.IMAGES, orient="row"
    )
    shards.write_parquet(folder / "verdicts.parquet", frame, records.IMAGES, ["image_url"])
    return frame, _numbers(frame, sources)


def _from_archives(urls: Sequence[str], archives: Sequence[Path], limits: Limits, scratch: Path) -> dict[str, Source]:
    sources = {}
    for url, found in harvest(urls, archives, limits, scratch).items():
        checked = Checked("", found.sha256, found.bytes)
        sources[url] = Source("archive", found.match, checked, size_verdict(found.bytes, limits) or "")
    return sources


def _from_urls(
    urls: Sequence[str], sources: dict[str, Source], limits: Limits, http: Http | None, scratch: Path
) -> None:
    """Adds a source for each of these URLs."""
    spool = Spool(scratch / "spool")

    def take(url: str, origin: str, content: bytes) -> None:
        verdict = size_verdict(len(content), limits)
        digest = spool.digest(content) if verdict else spool.put(content)
        sources[url] = Source(origin, "", Checked("", digest, len(content)), verdict or "")

    web = []
    for url in urls:
        what = kind(url)
        if what == "data":
            content = data_bytes(url, limits.max_bytes)
            if content is None:
                sources[url] = Source(verdict="bad_data_uri")
            else:
                take(url, "data", content)
        elif what != "web":
            sources[url] = Source(verdict=what)
        elif http is None:
            sources[url] = Source(verdict="not_in_archive_and_http_off")
        else:
            web.append(url)
    if http is not None and web:
        _from_web(web, sources, http, scratch, take)


def _from_web(urls: Sequence[str], sources: dict[str, Source], http: Http, scratch: Path, take: Any) -> None:
    """Downloads, but not what an earlier, killed run has downloaded: its journal names the bytes in the spool."""
    spool, journal = Spool(scratch / "spool"), scratch / "downloaded.jsonl"
    known = _journal(journal)
    remaining = []
    for url in urls:
        if url in known and spool.path(known[url]).exists():
            take(url, "http", spool.path(known[url]).read_bytes())
        else:
            remaining.append(url)
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8") as lines:

        def receive(url: str, answer: Answer) -> None:
            if answer.content is None:
                sources[url] = Source(verdict=answer.verdict)
                return
            take(url, "http", answer.content)
            lines.write(json.dumps([url, spool.digest(answer.content)]) + "\n")
            lines.flush()

        download(remaining, http, receive)


def _journal(path: Path) -> dict[str, str]:
    known = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        # A kill may have cut the last line short.
        if line.endswith("]"):
            url, digest = json.loads(line)
            known[url] = digest
    return known


def _row(
    url: str, source: Source, checked: dict[str, Checked], places: dict[str, tuple[str, str]]
) -> tuple[str | int | None, ...]:
    known = source.checked
    if known is None:
        return url, source.verdict, "", None, None, None, None, None, None, None
    known = checked.get(known.sha256, known) if not source.verdict else known
    tar, member = places.get(known.sha256, (None, None)) if not source.verdict else (None, None)
    verdict = source.verdict or known.verdict
    return (
        url, verdict, source.origin, known.sha256, known.bytes, known.width, known.height, known.format, tar, member
    )  # fmt: skip


def _numbers(frame: pl.DataFrame, sources: dict[str, Source]) -> dict[str, Any]:
    kept = frame.filter(pl.col("verdict") == "kept")
    images = kept.unique("sha256")
    matches = Counter(source.match for source in sources.values() if source.match)
    return {
        "urls": frame.height,
        "kept": kept.height,
        "images": images.height,
        "duplicates": kept.height - images.height,
        "bytes": int(images["bytes"].sum()),
        "verdicts": _counts(frame["verdict"]),
        "origins": _counts(frame.filter(pl.col("origin") != "")["origin"]),
        "origins_of_kept": _counts(kept["origin"]),
        "archive_matches": {name: matches[name] for name in MATCHES},
        "formats": _counts(images["format"]),
    }


def _counts(values: pl.Series) -> dict[str, int]:
    """How often each value occurs, the most frequent first."""
    return dict(sorted(Counter(values.to_list()).items(), key=lambda item: (-item[1], item[0])))
