"""Brings remote files here: bounded, tried again where that may help, and never fetched twice.

What arrives is kept in the scratch folder. A file that broke off is gone on with, in the same run or the next one,
and a whole one is only asked whether it has changed: by its ETag, or its time of change where it has none.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from webpairs.archive import inputs, store, web
from webpairs.archive.kept import Failed, Kept

MAX_BYTES = 50_000_000_000
# So many in a row that bring less than STEP bytes, and a file is given up.
ATTEMPTS = 5
STEP = 1 << 20
# The first pause between attempts in seconds, also after a server said that it's busy; each is twice the one before.
PAUSE = 0.5
BUSY_PAUSE = 5.0
# The longest that a server may ask for.
LONGEST_PAUSE = 60.0

Result = TypeVar("Result")


def download(url: str, max_bytes: int = MAX_BYTES) -> Path:
    """The file behind the http(s) or s3 URL, whole, in the scratch folder; it may be linked to, but not written to.

    Raises Failed after five attempts that brought nothing, or at once where the answer is final: a status of 4xx, a
    body over `max_bytes`, a redirect to another host in a private network, a server that asks to wait for more than a
    minute.
    """
    kept = Kept(url)
    fetch = store.fetch if inputs.is_object(url) else web.fetch
    name = inputs.url_name(url)
    _attempts(lambda: fetch(url, kept, name, max_bytes), lambda: kept.length)
    return kept.file


def expand(url: str) -> list[str]:
    """The URLs of the files that the URL stands for: of http(s) itself, of s3 also those of a folder or pattern.

    Raises Failed as `download` does, and where an s3 URL stands for nothing.
    """
    return _attempts(lambda: store.expand(url)) if inputs.is_object(url) else [url]


def probe(url: str) -> None:
    """Asks for the http(s) URL without reading what it gives. Raises Failed as `download` does."""
    _attempts(lambda: web.check(url))


def _attempts(once: Callable[[], Result], reached: Callable[[], int] = lambda: 0) -> Result:
    failures, furthest = 0, reached()
    while True:
        try:
            return once()
        except Failed as failure:
            # Measured from the furthest point ever, so that a server which breaks off here and there comes to an end.
            if reached() >= furthest + STEP:
                failures, furthest = 0, reached()
            failures += 1
            if failure.final or failures >= ATTEMPTS:
                raise
            time.sleep(_pause(failure, failures))
        except OSError as error:
            raise Failed(f"it can't be written here: {error.strerror}", final=True) from None


def _pause(failure: Failed, failures: int) -> float:
    if failure.wait is None:
        return (BUSY_PAUSE if failure.busy else PAUSE) * 2.0 ** (failures - 1)
    if failure.wait > LONGEST_PAUSE:
        raise Failed(f"{failure}, to be tried again in {failure.wait:,.0f} seconds", final=True) from None
    return failure.wait
