"""The pairs to learn from, out of WebDataset tars."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from webpairs.errors import WebpairsError
from webpairs.shards import read_tar

_BESIDE = (".txt", ".json")


@dataclass(frozen=True)
class Pair:
    """An image's bytes as they were found, and the text that describes it."""

    key: str
    image: bytes
    text: str


def train_tars(folder: Path) -> list[Path]:
    """The tars of the training split; raises WebpairsError where there is none, or no image in any."""
    tars = sorted(folder.glob("train-*.tar"))
    if not tars:
        raise WebpairsError(f"{folder} holds no pairs to train with: run `dvc repro select` first.")
    if not any(count_images(path) for path in tars):
        raise WebpairsError(
            f"{folder} holds not one pair to train with: lower select.min_clip or select.holdout_share, "
            "or give more archives."
        )
    return tars


def count_images(path: Path) -> int:
    """How many images a tar of pairs holds, by its headers alone."""
    with tarfile.open(path, "r:") as tar:
        return sum(PurePosixPath(member.name).suffix not in _BESIDE for member in tar)


def read_pairs(tars: list[Path]) -> Iterator[Pair]:
    """Yields the pairs in the order of the tars; the members of a key stand together, as WebDataset has it."""
    for path in tars:
        key, image, text = "", None, None
        for name, content in read_tar(path):
            stem, suffix = name.split(".", 1)[0], PurePosixPath(name).suffix
            if stem != key:
                key, image, text = stem, None, None
            if suffix == ".txt":
                text = content.decode("utf-8")
            elif suffix != ".json":
                image = content
            if image is not None and text is not None:
                yield Pair(key, image, text)
                image, text = None, None
