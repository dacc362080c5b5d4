"""From what the user names (files, folders, globs, URLs, `sample`) to the files it stands for."""

import glob
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from webpairs.archive import sniff

SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What the inputs stand for, in their order, and a line for each that stands for nothing."""

    files: tuple[Path, ...]
    urls: tuple[str, ...]
    sample: bool
    problems: tuple[str, ...]


def resolve(inputs: Sequence[str]) -> Resolved:
    """Resolves all inputs; the files of a folder or glob are sorted. Doesn't look into the files, and asks no network.

    A file that several inputs name stands there several times.
    """
    files: list[Path] = []
    urls: list[str] = []
    problems: list[str] = []
    for given in inputs:
        if given == SAMPLE:
            continue
        if is_url(given):
            urls.append(given)
            continue
        found = _local(given)
        if isinstance(found, str):
            problems.append(f"{given}: {found}")
        else:
            files += found
    return Resolved(tuple(files), tuple(urls), SAMPLE in inputs, tuple(problems))


def is_url(given: str) -> bool:
    """Whether the input is an http(s) URL."""
    return given.lower().startswith(("http://", "https://"))


def url_name(url: str) -> str:
    """A safe file name for what the URL leads to."""
    parts = urlsplit(url)
    return safe_name(unquote(parts.path).rstrip("/").rpartition("/")[2] or parts.hostname or "download")


def safe_name(name: str) -> str:
    """The name with everything replaced that a file name shouldn't have; no longer than 150 characters."""
    return re.sub(r"[^A-Za-z0-9._+-]", "_", name).lstrip(".")[-150:] or "archive"


def _local(given: str) -> list[Path] | str:
    """The files, or why there are none, with the next step."""
    path = Path(given).expanduser()
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if sniff.named_like_archive(file) and file.is_file())
        return files or "no archive file in this folder or below: name the files themselves, or another folder"
    if path.is_file():
        return [path]
    if path.exists():
        return "neither a file nor a folder: name a file"
    if any(sign in given for sign in "*?["):
        files = [Path(match) for match in sorted(glob.glob(str(path), recursive=True))]  # noqa: PTH207 (absolute patterns)
        files = [file for file in files if file.is_file()]
        return files or "no file matches: correct the pattern (`**` goes into folders)"
    if re.match(r"[a-z][a-z0-9+.-]+://", given, re.IGNORECASE):
        return "not a kind of URL that can be read: give http:// or https://, or a local copy"
    return "no such file or folder: correct the path, or remove it from archive.inputs"
