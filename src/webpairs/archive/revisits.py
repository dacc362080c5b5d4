"""Revisit records: captures that hold no body of their own, because it was the same as at an earlier one.

Reading collects them, and what they may refer to, archive by archive; here each is matched with its original.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# How an original was found, best first.
BY_DATE, BY_URL, BY_DIGEST = "url_and_date", "url_and_digest", "digest"
# Why none was.
NO_REFERENCE, NOT_THERE = "no_reference", "not_in_the_inputs"


class Revisit(NamedTuple):
    """A revisit record, as its headers describe it; "" where they say nothing."""

    offset: int
    nth: int
    url: str
    date: str
    digest: str  # of the payload, which is elsewhere
    original_url: str  # WARC-Refers-To-Target-URI
    original_date: str  # WARC-Refers-To-Date
    profile: str  # in what way it is a revisit: a URI
    status: int  # of the HTTP header that it may hold; 0 where there is none
    media_type: str  # of the same


class Original(NamedTuple):
    """A record that revisits may refer to."""

    offset: int
    nth: int
    url: str
    date: str
    digest: str  # "" where the archive doesn't say


class Resolved(NamedTuple):
    """The archive and the record that a revisit refers to; or "" and None, and why."""

    archive: str
    original: Original | None
    how: str  # BY_DATE, BY_URL or BY_DIGEST; else NO_REFERENCE or NOT_THERE


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected in one archive, in its order."""

    revisits: Sequence[Revisit] = ()
    originals: Sequence[Original] = ()


_Key = tuple[str, ...]  # begins with how it identifies


def resolve(archives: Mapping[str, Collected]) -> dict[str, list[Resolved]]:
    """What each revisit refers to: for each archive, by its name, in the order of its revisits.

    An original is looked for by the URL and date that the revisit refers to, then by the revisit's own URL and digest,
    then by the digest alone; each time in the same archive first, then in the others by their names. Of several in one
    archive the first counts. One that is known to have another digest is none.
    """
    inside: dict[str, dict[_Key, Original]] = {}
    anywhere: dict[_Key, tuple[str, Original]] = {}
    for name in sorted(archives):
        inside[name] = {}
        for original in archives[name].originals:
            for key in _of_original(original):
                inside[name].setdefault(key, original)
        for key, original in inside[name].items():
            anywhere.setdefault(key, (name, original))

    def resolved(name: str, revisit: Revisit) -> Resolved:
        how = NO_REFERENCE
        for key in _of_revisit(revisit):
            how = NOT_THERE
            archive, found = (name, inside[name][key]) if key in inside[name] else anywhere.get(key, ("", None))
            if found is not None and _agree(revisit.digest, found.digest):
                return Resolved(archive, found, key[0])
        return Resolved("", None, how)

    return {name: [resolved(name, revisit) for revisit in archives[name].revisits] for name in archives}


def _of_original(original: Original) -> Iterator[_Key]:
    yield BY_DATE, original.url, _seconds(original.date)
    if original.digest:
        digest = _normal(original.digest)
        yield BY_URL, original.url, digest
        yield BY_DIGEST, digest


def _of_revisit(revisit: Revisit) -> Iterator[_Key]:
    if revisit.original_date:
        yield BY_DATE, revisit.original_url or revisit.url, _seconds(revisit.original_date)
    if revisit.digest:
        digest = _normal(revisit.digest)
        yield BY_URL, revisit.url, digest
        yield BY_DIGEST, digest


def _agree(one: str, other: str) -> bool:
    """Whether two digests may be of the same payload; different algorithms don't tell."""
    one, other = _normal(one), _normal(other)
    return not one or not other or one == other or one.partition(":")[0] != other.partition(":")[0]


def _normal(digest: str) -> str:
    algorithm, colon, value = digest.partition(":")
    return f"{algorithm.lower()}:{value}" if colon else digest


def _seconds(date: str) -> str:
    """The date without fractions of seconds, which not all tools write; 2024-01-02T03:04:05."""
    return date[:19]
