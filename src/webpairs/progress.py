"""Progress of long work: rate and time left on a terminal, nothing elsewhere."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")


class Bar(Protocol):
    """What a step-wise caller needs of a progress bar."""

    def update(self, n: float = 1) -> object: ...

    def set_postfix_str(self, s: str) -> None: ...


def quiet_libraries() -> None:
    """Turns off the bars that transformers and diffusers draw over loading, which don't look for a terminal first.

    Only for those of the two that have been imported already: importing either takes seconds.
    """
    if sys.stderr.isatty():
        return
    for library in ("transformers", "diffusers"):
        if library in sys.modules:
            sys.modules[f"{library}.utils.logging"].disable_progress_bar()


def track(items: Iterable[Item], what: str, unit: str, total: int | None = None) -> Iterator[Item]:
    """Yields the items, showing `what` with rate and time left; `disable=None` makes tqdm quiet off a terminal."""
    yield from tqdm(items, desc=what, unit=f" {unit}", total=total, disable=None, dynamic_ncols=True)


@contextmanager
def bar(what: str, unit: str, total: int | None = None) -> Iterator[Bar]:
    """A bar for work that counts its own steps."""
    with tqdm(desc=what, unit=f" {unit}", total=total, disable=None, dynamic_ncols=True) as shown:
        yield shown
