"""Image bytes on their way: files named by their digest, so that memory stays bounded and each is held once."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from webpairs.shards import TarWriter, write_bytes


class Spool:
    """A folder of bytes by sha256; several processes may write into it at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def digest(content: bytes) -> str:
        """The sha256 of the bytes, 64 hex digits."""
        return hashlib.sha256(content).hexdigest()

    def put(self, content: bytes, digest: str | None = None) -> str:
        """Holds the bytes and returns their sha256, which the caller may know already."""
        digest = digest or self.digest(content)
        path = self.path(digest)
        if not path.exists():
            write_bytes(path, content)
        return digest

    def path(self, digest: str) -> Path:
        """Where the bytes of this digest are."""
        return self.folder / digest[:2] / digest


def pack(
    members: Iterable[tuple[str, Path]], folder: Path, stem: str = "images", max_bytes: int = 10**9
) -> Iterator[str]:
    """Writes files as members of `<stem>-00000.tar` and following, in this order, and yields the tar of each.

    A tar is begun when the next member would make the last one larger than `max_bytes`.
    """
    number, used, tar = 0, 0, None
    try:
        for name, path in members:
            content = path.read_bytes()
            if tar is not None and used + len(content) > max_bytes:
                tar.__exit__()
                tar, number, used = None, number + 1, 0
            file = f"{stem}-{number:05d}.tar"
            if tar is None:
                tar = TarWriter(folder / file)
            tar.add(name, content)
            used += len(content)
            yield file
    finally:
        if tar is not None:
            tar.__exit__()
