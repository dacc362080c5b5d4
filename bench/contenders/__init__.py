"""One module a contender: what it needs installed (`LIBRARIES`), and `run`, which is what is timed.

`run(archives, folder)` reads all archives and returns the pages and images that it met. Where `prepare` stands beside
it, that is called before with the same arguments, and not timed. The working folder of both is `folder`, which is
empty at first.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol


class Counted(NamedTuple):
    """What a contender met; None where it doesn't say."""

    pages: int | None
    images: int | None


class Run(Protocol):
    """The work that is timed."""

    def __call__(self, archives: Sequence[Path], folder: Path) -> Counted: ...
