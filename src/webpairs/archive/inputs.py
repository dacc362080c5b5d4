"""From what the user names (files, folders, globs, URLs, snapshots, `sample`) to the files it stands for."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from webpairs.archive import sniff

SAMPLE = "sample"
SNAPSHOT = "commoncrawl:"

# As in CC-MAIN-2024-10; news are listed by month, as in CC-NEWS/2024/01.
_SNAPSHOT_NAME = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*(/\d{4}/\d{2})?")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the inputs stand for, in their order, and a line for each that stands for nothing.

    `urls` are of http(s) or s3, `snapshots` names as Common Crawl gives them.
    """

    files: tuple[Path, ...]
    urls: tuple[str, ...]
    snapshots: tuple[str, ...]
    sample: bool
    problems: tuple[str, ...]


class _Nothing(Exception):
    """Why an input stands for nothing, with the next step."""


def resolve(inputs: Sequence[str]) -> Resolved:
    """Resolves all inputs; the files of a folder or glob are sorted. Doesn't look into the files, and asks no network.

    A file that several inputs name stands there several times.
    """
    files: list[Path] = []
    urls: list[str] = []
    snapshots: list[str] = []
    problems: list[str] = []
    for given in inputs:
        try:
            if given.startswith(SNAPSHOT):
                snapshots.append(_snapshot(given))
            elif (scheme := _scheme(given)) is not None and scheme != "file":
                urls.append(_url(given, scheme))
            elif given != SAMPLE:
                files += _local(_path(given) if scheme else Path(given).expanduser())
        except _Nothing as nothing:
            problems.append(f"{given}: {nothing}")
    return Resolved(tuple(files), tuple(urls), tuple(snapshots), SAMPLE in inputs, tuple(problems))


def is_remote(source: str) -> bool:
    """Whether what the manifest names as the source of a file is a URL, other than of a local file."""
    return _scheme(source) not in (None, "file")


def is_object(url: str) -> bool:
    """Whether the URL is of an object in an S3 store, or several."""
    return _scheme(url) == "s3"


def url_name(url: str) -> str:
    """A safe file name for what the URL leads to."""
    parts = urlsplit(url)
    return safe_name(unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.hostname or "download")


def safe_name(name: str) -> str:
    """The name with everything replaced that a file name shouldn't have; no longer than 150 characters."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name).lstrip(".")[-150:] or "archive"


def _scheme(given: str) -> str | None:
    found = _SCHEME.match(given)
    return found[1].lower() if found else None


def _snapshot(given: str) -> str:
    name = given.removeprefix(SNAPSHOT)
    if not _SNAPSHOT_NAME.fullmatch(name):
        raise _Nothing(f"not the name of a snapshot: give one as {SNAPSHOT}CC-MAIN-2024-10")
    return name


def _url(given: str, scheme: str) -> str:
    if scheme not in ("http", "https", "s3"):
        raise _Nothing("not a kind of URL that can be read: give http://, https:// or s3://, or a local copy")
    try:
        host = urlsplit(given).hostname
    except ValueError as error:
        raise _Nothing(f"not a URL ({error}): correct it") from None
    if not host:
        raise _Nothing("a URL without a host: correct it")
    return given


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise _Nothing("a file of another machine: give file:///path, or the path itself")
    return Path(unquote(parts.path))


def _local(path: Path) -> list[Path]:
    """The files of a path, folder or glob."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if sniff.named_like_archive(file) and file.is_file())
        if not files:
            raise _Nothing("no archive file in this folder or below: name the files themselves, or another folder")
        return files
    if path.is_file():
        return [path]
    if path.exists():
        raise _Nothing("neither a file nor a folder: name a file")
    if not any(sign in str(path) for sign in "*?["):
        raise _Nothing("no such file or folder: correct the path, or remove it from archive.inputs")
    matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 (absolute patterns)
    files = [file for file in matches if file.is_file()]
    if not files:
        raise _Nothing("no file matches: correct the pattern (`**` goes into folders)")
    return files
