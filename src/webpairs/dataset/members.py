"""Single members of tars by name, without reading the others."""

import tarfile
from pathlib import Path


class Members:
    """The members of the tars in a folder; each tar's table of contents is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places: dict[str, dict[str, tuple[int, int]]] = {}

    def read(self, tar: str, member: str) -> bytes:
        """The bytes of the member; raises KeyError where the tar has none of that name."""
        if tar not in self._places:
            with tarfile.open(self._folder / tar, "r:") as opened:
                self._places[tar] = {item.name: (item.offset_data, item.size) for item in opened}
        offset, size = self._places[tar][member]
        with (self._folder / tar).open("rb") as file:
            file.seek(offset)
            return file.read(size)
