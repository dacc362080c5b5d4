"""Goes through all records of a WARC, past what is broken.

Where reading stops, because the file itself is broken, it goes on at the next place where a record begins.
"""

from collections.abc import Callable, Iterator

from webpairs.archive.found import Found, Note, Run
from webpairs.archive.members import PLAIN, compression, dictionary
from webpairs.archive.packed import packed
from webpairs.archive.plain import plain
from webpairs.archive.recover import Beginnings, of_warc
from webpairs.archive.region import Region

BREAKS_AT_MOST = 100_000


def walk(region: Region, note: Note, start: int = 0) -> Iterator[Found]:
    """Yields all records of a WARC from the one at `start` on. Broken places are told to `note`."""
    try:
        given = dictionary(region)
    except OSError as error:
        note(region.start, str(error), region.size)
        return

    beginnings = of_warc(region, given)

    def run(place: int) -> Run:
        is_plain = compression(region.at(place, 4)) == PLAIN
        return plain(region, place, beginnings) if is_plain else packed(region, place, given, note)

    yield from through(region, note, start, run, beginnings)


def through(
    region: Region, note: Note, start: int, run: Callable[[int], Run], beginnings: Beginnings
) -> Iterator[Found]:
    """Yields what each run finds, from one broken place to the next."""
    for _ in range(BREAKS_AT_MOST):
        try:
            last, broken = yield from run(start)
            place = None if broken is None else beginnings.next(broken.search)
        except OSError as error:
            # Not the archive but the disk, or the network behind it.
            note(region.start + start, f"the file can't be read any more: {error}", region.size - start)
            return
        lost = region.lost() if place is None else 0
        if broken is None:
            if lost:
                note(region.start + region.size - lost, "the file was cut while it was read", lost)
            return
        stop = region.size if place is None else place
        if last is not None and not last.length:
            behind = region.start + broken.offset
            last.length = (behind if behind > last.offset else region.start + stop) - last.offset
        note(region.start + min(broken.offset, region.size - 1), broken.reason, max(lost, stop - broken.read))
        if place is None:
            return
        start = place
    note(region.start + start, "there are too many broken places: the rest is left", region.size - start)
