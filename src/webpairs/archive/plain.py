"""The records of a WARC that isn't compressed."""

from fastwarc.warc import WarcRecord

from webpairs.archive.found import Found, Run, iterator
from webpairs.archive.recover import CUT, ENDLESS, LONGER, SHORTER, WARC, Beginnings, Break, header_end, next_content
from webpairs.archive.region import Region


def plain(region: Region, start: int, beginnings: Beginnings) -> Run:
    """Runs from `start` on. Where a record doesn't end as it says, the next one's beginning tells where it does."""
    stream = region.part(0)
    stream.seek(start)
    records = iterator(stream)
    last: Found | None = None
    place = start
    while True:
        try:
            record = next(records, None)
        except OSError as error:
            if last is not None and next_content(region, place) is None:
                return last, None
            # fastwarc is particular about what stands before a record.
            is_sound = last is not None and _shorter(region, place, region.size) is not None
            return last, Break(place, str(error), place, place if is_sound else place + 1)
        if record is None:
            return last, Break(start, "no record begins here", start, start + 1) if last is None else None
        offset = record.stream_pos
        content, is_whole = header_end(region, offset)
        if not is_whole:
            return last, Break(offset, ENDLESS, offset, content)
        stop = content + record.content_length
        behind = _behind(region, stop)
        if behind is not None:
            place = behind
            last = Found(record, region.start + offset, 0, behind - offset)
            yield last
            continue
        following = beginnings.next(content)
        if following is not None and stop <= following:
            last = Found(record, region.start + offset, 0, stop - offset)
            yield last
            return last, Break(stop, LONGER, stop, following)
        stop = region.size if following is None else following
        shorter = _shorter(region, offset, stop)
        if shorter is None:
            return last, Break(offset, "the record can't be read again", offset, offset + 1)
        last = Found(shorter, region.start + offset, 0, stop - offset)
        yield last
        reason = CUT if following is None else SHORTER
        return last, Break(offset, reason, stop, stop)


def _behind(region: Region, stop: int) -> int | None:
    """Where the blank lines behind a record end that ends there; None where neither a record nor the end follows."""
    if stop > region.size:
        return None
    near = region.at(stop, 16)
    rest = near.lstrip(b"\r\n")
    if rest.startswith(WARC):
        return stop + len(near) - len(rest)
    place = next_content(region, stop)
    if place is None:
        return min(stop + 4, region.size)
    return place if region.at(place, len(WARC)) == WARC else None


def _shorter(region: Region, offset: int, stop: int) -> WarcRecord | None:
    """The record with what there is of it up to this place, less the blank lines at its end."""
    blank = region.at(max(offset, stop - 4), 4)
    try:
        return next(iterator(region.part(offset, stop - len(blank) + len(blank.rstrip(b"\r\n")))), None)
    except OSError:
        return None
