"""Brings together all that the inputs name: the sample is made, URLs are downloaded, every file is checked."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from webpairs import params, records
from webpairs.archive import inputs, manifest, miniature
from webpairs.archive.download import Failed, download, probe
from webpairs.errors import listing
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
    problems = list(resolved.problems)
    if problems:
        problems += _failures(resolved.urls)
    else:
        downloaded, problems = _downloaded(resolved.urls, files)
        sources += downloaded
    if problems:
        unreadable = manifest.refused(sources)
        raise listing("archive.inputs can't be used as they are:", [*problems, *map(_line, unreadable)])
    truth = pl.DataFrame(schema=records.TRUTH)
    if resolved.sample:
        truth = miniature.write(files, settings.sample)
        sources += [_kept(file, inputs.SAMPLE) for file in sorted(files.glob("*.warc.gz")) if _is_new(file, sources)]
    digests = manifest.Digests.in_scratch()
    checked = manifest.check(track(sources, "archive", "files"), digests)
    digests.save()
    if not checked.rows:
        raise listing("None of the inputs can be read as WARC:", [_line(row) for row in checked.unreadable])
    return checked, truth


def _line(row: dict[str, str]) -> str:
    return f"{row['name']}: {row['reason']}"


def _kept(file: Path, source: str) -> manifest.Source:
    """A file that the stage itself wrote; it takes its place under data/archive when the stage is done."""
    return manifest.Source(file, source, str(manifest.FOLDER / "files" / file.name), file.name)


def _is_new(file: Path, sources: Sequence[manifest.Source]) -> bool:
    return all(source.file != file for source in sources)


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
    sources, problems = [], []
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
