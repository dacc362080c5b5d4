"""Brings together all that the inputs name: the sample is made, URLs are downloaded, every file is checked."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from webpairs import params, records
from webpairs.archive import inputs, manifest, miniature
from webpairs.archive.download import Failed, download, probe
from webpairs.errors import WebpairsError, listing
from webpairs.progress import track


def gather(settings: params.Archive, folder: Path) -> tuple[manifest.Checked, pl.DataFrame]:
    """What the manifest says of all inputs, and the truth about the sample (no rows without it).

    The sample and downloads are written to `folder`/files. Raises one WebpairsError for all inputs together that name
    nothing, or where no file is left that can be read.
    """
    resolved = inputs.resolve(settings.inputs)
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    sources = [manifest.local(path) for path in resolved.files]
    if resolved.problems:
        raise _unusable([*resolved.problems, *_failures(resolved.urls)], sources)
    truth = pl.DataFrame(schema=records.TRUTH)
    made: list[manifest.Source] = []
    if resolved.sample:
        written, truth = miniature.write(files, settings.sample)
        made = [_kept(file, inputs.SAMPLE) for file in written]
    downloaded, failures = _downloaded(resolved.urls, files)
    if failures:
        raise _unusable(failures, sources)
    sources += [*downloaded, *made]
    digests = manifest.Digests.in_scratch()
    checked = manifest.check(track(sources, "archive", "files"), digests)
    digests.save()
    if not checked.rows:
        raise listing("None of the inputs can be read as a web archive:", [_line(row) for row in checked.unreadable])
    return checked, truth


def _unusable(problems: Sequence[str], sources: Sequence[manifest.Source]) -> WebpairsError:
    """One error for everything that is wrong, files that can't be read too."""
    lines = [*problems, *map(_line, manifest.refused(sources))]
    return listing("archive.inputs can't be used as they are:", lines)


def _line(row: dict[str, str]) -> str:
    return f"{row['name']}: {row['reason']}"


def _kept(file: Path, source: str) -> manifest.Source:
    """A file that the stage itself wrote; it takes its place under data/archive when the stage is done."""
    return manifest.Source(file, source, str(manifest.FOLDER / "files" / file.name), file.name)


def _failures(urls: Sequence[str]) -> list[str]:
    """What is wrong with the URLs, found without downloading them."""
    problems = []
    for url in urls:
        try:
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
            download(url, files / name)
        except Failed as failure:
            problems.append(_failed(url, failure))
        else:
            sources.append(_kept(files / name, url))
    return sources, problems


def _failed(url: str, failure: Failed) -> str:
    return f"{url}: it can't be fetched ({failure}): correct the URL, try again later, or give a local copy"
