"""What has arrived of a remote file, kept in the scratch folder from run to run: all of it, or so far a part."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from tqdm import tqdm

from webpairs import shards

# Fewer bytes a second than this, over so many seconds, and the connection is given up.
SLOWEST = 1000
WINDOW = 60.0


class Failed(Exception):
    """Why a remote file couldn't be fetched, in words.

    `final` where another attempt can't help; `busy` where the server wants fewer requests, and `wait` the seconds that
    it asks for.
    """

    def __init__(self, reason: str, final: bool, busy: bool = False, wait: float | None = None) -> None:
        super().__init__(reason)
        self.final = final
        self.busy = busy
        self.wait = wait


class Missing(Failed):
    """There is nothing of this name, says the server."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, final=True)


@dataclass(frozen=True, slots=True)
class Version:
    """What a server says of a file to tell its states apart, and its size in bytes; None is what it doesn't say."""

    etag: str | None = None
    modified: str | None = None
    size: int | None = None

    def same(self, other: "Version") -> bool:
        """Whether both have the same bytes, as far as the server can be believed; sizes alone don't prove it."""
        if None not in (self.size, other.size) and self.size != other.size:
            return False
        if self.etag is not None or other.etag is not None:
            return self.etag == other.etag
        return self.modified is not None and self.modified == other.modified

    @property
    def strong(self) -> str | None:
        """The validator that a Range request may go on from (RFC 9110, 13.1.5): a weak ETag may not."""
        if self.etag is None:
            return self.modified
        return None if self.etag.startswith("W/") else self.etag


class Kept:
    """What has arrived of one URL.

    A file that is whole is renamed, and never written to again, so that other folders may hold links to it.
    """

    def __init__(self, url: str) -> None:
        folder = shards.SCRATCH / "archive" / "downloads"
        folder.mkdir(parents=True, exist_ok=True)
        key = shards.fingerprint(url)
        self.file = folder / f"{key}.whole"
        self._partial = folder / f"{key}.partial"
        self._state = folder / f"{key}.json"
        self.version = self._known()
        if self.length and self.length == self.version.size:
            self.finish()

    @property
    def whole(self) -> bool:
        """Whether all has arrived; then it is `file`."""
        return self.file.is_file()

    @property
    def length(self) -> int:
        """How many bytes have arrived of a file that isn't whole."""
        return self._partial.stat().st_size if self._partial.is_file() else 0

    def begin(self, version: Version) -> None:
        """Forgets what has arrived, and starts with this version of the file."""
        # In this order: wherever the process ends, no bytes lie beside what is known of others.
        self.forget()
        shards.write_bytes(self._state, json.dumps(asdict(version)).encode())
        self._partial.touch()
        self.version = version

    def forget(self) -> None:
        """Forgets what has arrived."""
        self.file.unlink(missing_ok=True)
        self._partial.unlink(missing_ok=True)

    def append(self, pieces: Iterable[bytes], name: str, max_bytes: int) -> None:
        """Writes the pieces behind what has arrived, as they come. Raises Failed where they are too many or slow."""
        here = self.length
        total = self.version.size
        with (
            self._partial.open("ab") as file,
            tqdm(desc=name, total=total, initial=here, unit="B", unit_scale=True, leave=False, disable=None) as bar,
        ):
            for piece in _steady(pieces):
                here += len(piece)
                self.check_size(here, max_bytes)
                file.write(piece)
                bar.update(len(piece))

    def check_size(self, size: int | None, max_bytes: int) -> None:
        """Raises Failed, and forgets what has arrived, where a file of this size is too large."""
        if size is not None and size > max_bytes:
            self.forget()
            raise Failed(f"more than {max_bytes:,} bytes", final=True)

    def finish(self) -> None:
        """Makes the file whole. Raises Failed where bytes are missing, or too many, which are forgotten."""
        arrived = self.length
        size = arrived if self.version.size is None else self.version.size
        if arrived < size:
            raise Failed(f"cut off after {arrived:,} of {size:,} bytes", final=False)
        if arrived > size:
            self.forget()
            raise Failed(f"more than the {size:,} bytes that it should have", final=False)
        self._partial.replace(self.file)

    def _known(self) -> Version:
        try:
            return Version(**json.loads(self._state.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Version()


def _steady(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yields the pieces. Raises Failed where they only trickle: no timeout between pieces would see that."""
    since, arrived = time.monotonic(), 0
    for piece in pieces:
        yield piece
        arrived += len(piece)
        passed = time.monotonic() - since
        if passed > WINDOW:
            if arrived < SLOWEST * passed:
                raise Failed(f"slower than {SLOWEST:,} bytes a second", final=False)
            since, arrived = time.monotonic(), 0
