"""The manifest: a row an input file that can be read, and a reason for each that can't.

`python -m webpairs.archive.manifest` exits with 3 where the files that the inputs name are no longer those of the
manifest: DVC can't see what lies outside its deps.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from webpairs import metrics, params, records, shards
from webpairs.archive import inputs
from webpairs.archive.sniff import Unreadable, sniff
from webpairs.errors import WebpairsError

FOLDER = Path("data/archive")
CHANGED = 3
UNREADABLE = ("name", "code", "reason")


@dataclass(frozen=True, slots=True)
class Source:
    """A file to look at: where it lies now, what it is called and came from, and where later stages find it."""

    file: Path
    source: str
    path: str
    base: str


@dataclass(frozen=True, slots=True)
class Checked:
    """Manifest rows by name; a row (name, code, reason) for each unreadable file; files that were named again."""

    rows: tuple[dict[str, Any], ...]
    unreadable: tuple[dict[str, str], ...]
    duplicates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot of Common Crawl's: its name, the kind of its files, how many were chosen, and of how many."""

    name: str
    kind: str
    chosen: int
    listed: int


def local(path: Path) -> Source:
    """A file of the user's, which stays where it lies."""
    return Source(path, str(path), str(path), path.name)


class Digests:
    """sha256 of files, remembered by path, size and time of change in the scratch folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._known: dict[str, list[Any]] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._asked: dict[str, list[Any]] = {}

    @classmethod
    def in_scratch(cls) -> "Digests":
        """The digests that all runs in this folder share."""
        return cls(shards.SCRATCH / "archive" / "digests.json")

    def of(self, file: Path) -> str:
        """The digest, read from the file only where it isn't known."""
        status = file.stat()
        key, state = str(file.resolve()), [status.st_size, status.st_mtime_ns]
        known = self._known.get(key, [])
        self._asked[key] = known if known[:2] == state else [*state, shards.sha256(file)]
        return str(self._asked[key][2])

    def save(self) -> None:
        """Remembers the digests that were asked for, and forgets all others."""
        if self._asked != self._known:
            shards.write_bytes(self._path, json.dumps(self._asked, sort_keys=True, indent=0).encode())


def refused(sources: Iterable[Source]) -> list[dict[str, str]]:
    """A row (name, code, reason) for each of the files that can't be read."""
    found = [(source.source, sniff(source.file)) for source in sources]
    return [
        {"name": name, "code": kind.code, "reason": kind.reason} for name, kind in found if isinstance(kind, Unreadable)
    ]


def check(sources: Iterable[Source], digests: Digests) -> Checked:
    """Sniffs and digests all sources; of files with the same bytes the first is kept."""
    rows: list[dict[str, Any]] = []
    unreadable: dict[str, dict[str, str]] = {}
    duplicates: list[str] = []
    seen: set[str] = set()
    for source in sources:
        found = sniff(source.file)
        if isinstance(found, Unreadable):
            unreadable[source.source] = {"name": source.source, "code": found.code, "reason": found.reason}
            continue
        digest = digests.of(source.file)
        if digest in seen:
            duplicates.append(source.source)
            continue
        seen.add(digest)
        name = inputs.safe_name(source.base)
        size = source.file.stat().st_size
        values = (name, source.source, source.path, found, size, digest)
        rows.append(dict(zip(records.MANIFEST, values, strict=True)))
    named = sorted(_with_unique_names(rows), key=lambda row: str(row["name"]))
    return Checked(tuple(named), tuple(unreadable[name] for name in sorted(unreadable)), tuple(sorted(duplicates)))


def _with_unique_names(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows whose base name another row has too get a piece of their digest into the name."""
    # Without regard to case, since some file systems have none.
    counts = Counter(row["name"].lower() for row in rows)
    return [
        {**row, "name": _suffixed(row["name"], row["sha256"])} if counts[row["name"].lower()] > 1 else row
        for row in rows
    ]


def _suffixed(name: str, digest: str) -> str:
    stem, dot, extensions = name.partition(".")
    return f"{stem}-{digest[:8]}{dot}{extensions}"


def write(folder: Path, checked: Checked) -> None:
    """Writes manifest.parquet and unreadable.tsv."""
    frame = pl.DataFrame(list(checked.rows), schema=records.MANIFEST)
    shards.write_parquet(folder / "manifest.parquet", frame, records.MANIFEST, ["name"])
    metrics.write_tsv(folder / "unreadable.tsv", checked.unreadable, UNREADABLE)


def measures(checked: Checked, snapshots: Sequence[Snapshot] = ()) -> dict[str, Any]:
    """The metrics of the stage archive: files and bytes, by format, and what couldn't be read and why."""
    by_format = Counter(str(row["format"]) for row in checked.rows)
    by_code = Counter(row["code"] for row in checked.unreadable)
    return {
        "files": len(checked.rows),
        "bytes": sum(int(row["bytes"]) for row in checked.rows),
        "by_format": dict(sorted(by_format.items())),
        "snapshots": [asdict(snapshot) for snapshot in snapshots],
        "duplicates": list(checked.duplicates),
        "unreadable_by_code": dict(sorted(by_code.items())),
        "unreadable": [{"name": row["name"], "reason": row["reason"]} for row in checked.unreadable],
    }


def read(folder: Path = FOLDER) -> pl.DataFrame:
    """The manifest as the stage archive wrote it. Raises WebpairsError where there is none."""
    path = folder / "manifest.parquet"
    if not path.is_file():
        raise WebpairsError(f"{path} is missing: run the stage archive first (`dvc repro archive`).")
    return shards.read_parquet(path, records.MANIFEST)


def changed(settings: params.Params, folder: Path = FOLDER) -> bool:
    """Whether the local files that the inputs name are no longer those that the manifest was made of.

    False where there is no manifest yet: then DVC runs the stage anyway, as it does when the inputs themselves change.
    The sample and downloads are as they were made, and count as unchanged.
    """
    if not (folder / "manifest.parquet").is_file():
        return False
    resolved = inputs.resolve(settings.archive.inputs)
    if resolved.problems:
        return True
    known = read(folder).to_dicts()
    digests = Digests.in_scratch()
    now = check([local(path) for path in resolved.files], digests)
    digests.save()
    # A download may have the same bytes as a local file, and stand in the manifest in its place.
    here = {(row["path"], row["sha256"]) for row in now.rows}
    were = {(row["path"], row["sha256"]) for row in known if not Path(row["path"]).is_relative_to(FOLDER)}
    refused = {row["name"] for row in metrics.read_tsv(folder / "unreadable.tsv") if not inputs.is_remote(row["name"])}
    return (
        not were <= here
        or not {digest for _, digest in here} <= {row["sha256"] for row in known}
        or refused != {row["name"] for row in now.unreadable}
    )


def main() -> None:
    """The command line: exit 3 where the stage archive must run again, 0 where not, 1 where params are wrong."""
    try:
        state = CHANGED if changed(params.load()) else 0
    except WebpairsError as error:
        print(f"archive: {error}", file=sys.stderr)
        state = 1
    raise SystemExit(state)


if __name__ == "__main__":
    main()
