"""Where a model came from: `source.json` beside its weights."""

import hashlib
import json
from pathlib import Path
from typing import Literal, TypedDict

from webpairs.errors import WebpairsError
from webpairs.shards import write_bytes

NAME = "source.json"


class Source(TypedDict):
    """What numbers made with a model have to say about it."""

    kind: Literal["embedded", "hub", "path"]
    name: str  # of the hub repository, the package, or the folder (its last part: paths differ between machines)
    revision: str | None
    stand_in: bool  # grown for trying the pipeline out: its scores and pictures say nothing about the real world
    weights_sha256: str  # digest over the names and bytes of all other files in the folder
    bytes: int


def source(folder: Path) -> Source:
    """What the model in this folder is; raises WebpairsError where there is none, or where that can't be read."""
    try:
        found: Source = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WebpairsError(f"{folder} holds no model: run `make all`, or `dvc repro foundation`.") from None
    except ValueError as error:
        raise WebpairsError(f"{folder / NAME} is damaged ({error}): run `dvc repro --force foundation`.") from None
    return found


def require(folder: Path) -> Path:
    """The folder, where a model is in it; raises WebpairsError where there is none."""
    source(folder)
    return folder


def write_source(
    folder: Path, kind: Literal["embedded", "hub", "path"], name: str, revision: str | None, stand_in: bool
) -> Source:
    """Writes source.json for the files that are in the folder now."""
    (folder / NAME).unlink(missing_ok=True)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    made = Source(
        kind=kind,
        name=name,
        revision=revision,
        stand_in=stand_in,
        weights_sha256=digest.hexdigest(),
        bytes=sum(path.stat().st_size for path in files),
    )
    write_bytes(folder / NAME, (json.dumps(made, indent=2) + "\n").encode())
    return made
