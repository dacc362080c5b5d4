"""Reads files in tests, and checks what must hold of all that is read."""

from pathlib import Path

from webpairs.archive.read import Head, Record, Tally, read_record, records


def everything(head: Head) -> bool:
    return bool(head.url)


def read(path: Path) -> tuple[list[Record], Tally]:
    """All response and resource records. Each is found again by its place, and what it takes lies in the file."""
    tally = Tally()
    found = list(records(path, everything, tally))
    assert set(tally.lengths) == {(one.head.offset, one.head.nth) for one in found}
    for one in found:
        offset, nth = one.head.offset, one.head.nth
        assert read_record(path, offset, nth=nth) == one
        assert 0 < tally.lengths[offset, nth] <= path.stat().st_size - offset
    assert 0 <= tally.unread <= tally.bytes
    return found, tally


def names(found: list[Record]) -> str:
    """The last letters of the URLs, which tests tell records apart by."""
    return "".join(one.head.url[-1] for one in found)
