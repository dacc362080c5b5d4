"""Deterministic files, written beside and then renamed, and finished work kept by fingerprint."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl

from webpairs.errors import WebpairsError

SCRATCH = Path(".scratch")


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a whole file: afterwards either the old file or the new one is there, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def write_parquet(path: Path, frame: pl.DataFrame, schema: Mapping[str, Any], sort_by: Sequence[str]) -> None:
    """Writes the frame with exactly this schema, sorted, so that the same rows give the same bytes.

    Raises ValueError where a column is missing, unknown or of another type.
    """
    if dict(frame.schema) != dict(schema):
        raise ValueError(f"{path}: the frame has {dict(frame.schema)}, the schema wants {dict(schema)}")
    buffer = io.BytesIO()
    frame.sort(list(sort_by), maintain_order=True).write_parquet(buffer, compression="zstd", statistics=True)
    write_bytes(path, buffer.getvalue())


def read_parquet(folder_or_file: Path, schema: Mapping[str, Any], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Reads a parquet file, or all of a folder in the order of their names; an empty frame where there is no file.

    `columns` reads these alone, which saves the memory of the others. Raises WebpairsError where the path is missing:
    the stage that writes it has not run.
    """
    if not folder_or_file.exists():
        raise WebpairsError(
            f"{folder_or_file} is missing: run `make all`, or the stage that writes it with `dvc repro`."
        )
    files = sorted(folder_or_file.glob("*.parquet")) if folder_or_file.is_dir() else [folder_or_file]
    wanted = list(schema) if columns is None else list(columns)
    if not files:
        return pl.DataFrame(schema={name: schema[name] for name in wanted})
    return pl.concat([pl.read_parquet(file, columns=wanted) for file in files])


@contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """A folder to write a stage's output in; it takes its place under `path`, whole, only when the block ends well."""
    partial = path.with_name(f".{path.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial)
        raise
    if path.exists():
        shutil.rmtree(path)
    partial.rename(path)


class TarWriter:
    """A tar whose bytes depend on its members alone: no times, owners or modes of this machine."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115 (closed by __exit__)

    def add(self, name: str, content: bytes) -> None:
        """Adds one member; members stand in the order of the calls."""
        member = tarfile.TarInfo(name)
        member.size = len(content)
        member.mode = 0o644
        self._tar.addfile(member, io.BytesIO(content))

    def __enter__(self) -> "TarWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._tar.close()


def read_tar(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yields name and content of each member, in order, without unpacking anything to disk."""
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read()


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(*parts: Any) -> str:
    """A name for finished work: the digest of what it was made from (digests, params as plain values, code digests)."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def code_digest(*modules: ModuleType) -> str:
    """Digest of the sources of these modules; of a package, of all modules in it."""
    digest = hashlib.sha256()
    for module in modules:
        origin = Path(str(module.__file__))
        files = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def finished(stage: str, key: str, suffix: str, produce: Callable[[Path], None]) -> Path:
    """The file of a piece of finished work in the scratch folder; `produce(path)` makes it where it isn't there yet."""
    path = SCRATCH / stage / f"{key}{suffix}"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        produce(partial)
        partial.replace(path)
    return path
