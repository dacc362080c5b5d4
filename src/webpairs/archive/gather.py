"""Brings together all that the inputs name: the sample is made, remote files are downloaded, every file is checked."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from webpairs import params, records
from webpairs.archive import commoncrawl, inputs, manifest, miniature
from webpairs.archive.download import download, expand, probe
from webpairs.archive.kept import Failed
from webpairs.errors import WebpairsError, listing
from webpairs.progress import track


@dataclass(frozen=True, slots=True)
class Gathered:
    """What the manifest says of all inputs, the truth about the sample (no rows without it), and the snapshots."""

    checked: manifest.Checked
    truth: pl.DataFrame
    snapshots: tuple[manifest.Snapshot, ...]


@dataclass(frozen=True, slots=True)
class _Remote:
    """The URLs of single files that all remote inputs stand for, and a line for each that stands for nothing."""

    urls: tuple[str, ...]
    snapshots: tuple[manifest.Snapshot, ...]
    problems: tuple[str, ...]


def gather(settings: params.Archive, folder: Path) -> Gathered:
    """All that the inputs name; the sample and downloads are written to `folder`/files.

    Raises one WebpairsError for all inputs together that name nothing, or where no file is left that can be read.
    """
    resolved = inputs.resolve(settings.inputs)
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    sources = [manifest.local(path) for path in resolved.files]
    remote = _remote(resolved, settings.commoncrawl)
    if resolved.problems or remote.problems:
        raise _unusable([*resolved.problems, *remote.problems, *_failures(resolved.urls)], sources)
    truth = pl.DataFrame(schema=records.TRUTH)
    made: list[manifest.Source] = []
    if resolved.sample:
        written, truth = miniature.write(files, settings.sample)
        made = [_own(file, inputs.SAMPLE) for file in written]
    downloaded, failures = _downloaded(remote.urls, files)
    if failures:
        raise _unusable(failures, sources)
    sources += [*downloaded, *made]
    digests = manifest.Digests.in_scratch()
    checked = manifest.check(track(sources, "archive", "files"), digests)
    digests.save()
    if not checked.rows:
        raise listing("None of the inputs can be read as a web archive:", [_line(row) for row in checked.unreadable])
    return Gathered(checked, truth, remote.snapshots)


def _unusable(problems: Sequence[str], sources: Sequence[manifest.Source]) -> WebpairsError:
    """One error for everything that is wrong, files that can't be read too."""
    lines = [*problems, *map(_line, manifest.refused(sources))]
    return listing("archive.inputs can't be used as they are:", lines)


def _line(row: dict[str, str]) -> str:
    return f"{row['name']}: {row['reason']}"


def _own(file: Path, source: str) -> manifest.Source:
    """A file that the stage itself wrote; it takes its place under data/archive when the stage is done."""
    return manifest.Source(file, source, str(manifest.FOLDER / "files" / file.name), file.name)


def _remote(resolved: inputs.Resolved, settings: params.CommonCrawl) -> _Remote:
    urls: list[str] = []
    snapshots: list[manifest.Snapshot] = []
    problems: list[str] = []
    for url in resolved.urls:
        try:
            urls += expand(url)
        except Failed as failure:
            problems.append(_failed(url, failure))
    for name in resolved.snapshots:
        try:
            chosen = commoncrawl.choose(name, settings)
        except Failed as failure:
            problems.append(_failed(f"{inputs.SNAPSHOT}{name}", failure))
        else:
            urls += chosen.urls
            snapshots.append(manifest.Snapshot(name, settings.kind, len(chosen.urls), chosen.listed))
    return _Remote(tuple(urls), tuple(snapshots), tuple(problems))


def _failures(urls: Sequence[str]) -> list[str]:
    """What is wrong with the http(s) URLs, found without downloading them; of the others it is known by now."""
    problems = []
    for url in urls:
        try:
            if not inputs.is_object(url):
                probe(url)
        except Failed as failure:
            problems.append(_failed(url, failure))
    return problems


def _downloaded(urls: Sequence[str], files: Path) -> tuple[list[manifest.Source], list[str]]:
    sources: list[manifest.Source] = []
    problems: list[str] = []
    for url in track(urls, "download", "files"):
        name = inputs.url_name(url)
        if (files / name).exists():
            name = f"{hashlib.sha256(url.encode()).hexdigest()[:8]}-{name}"
        try:
            _place(download(url), files / name)
        except Failed as failure:
            problems.append(_failed(url, failure))
        else:
            sources.append(_own(files / name, url))
    return sources, problems


def _place(kept: Path, place: Path) -> None:
    """Puts a file of the scratch folder at another place too, without a second copy of its bytes where that works."""
    place.unlink(missing_ok=True)
    try:
        place.hardlink_to(kept)
    except OSError:
        # Another file system, or one without links.
        shutil.copyfile(kept, place)


def _failed(given: str, failure: Failed) -> str:
    return (
        f"{given}: it can't be fetched ({failure}): correct it, try again later (what has arrived is kept), "
        "or give a local copy"
    )
