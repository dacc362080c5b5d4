"""Which URLs of a page stand for images that scripts put in their place, told by how the page uses them."""

from collections.abc import Iterable, Sequence

from webpairs.page.sources import Source

_ALIKE = 6  # characters that the names of two files begin with, from which on they may be sizes of one image


def placeholders(named: Iterable[Sequence[Source]]) -> set[str]:
    """URLs that come first for images which are different ones by what else they name.

    `named` are the URLs of each image, as they stand. What all those with the same first URL name is a placeholder too.
    """
    others: dict[str, list[set[str]]] = {}
    for urls in named:
        own = {source.url for source in urls[1:] if source.name != "link"}
        if own:
            others.setdefault(urls[0].url, []).append(own)
    found: set[str] = set()
    for first, sets in others.items():
        if len(sets) > 1:
            common = set.intersection(*sets)
            one, *rest = [own - common for own in sets if own != common] or [common]
            if any(one.isdisjoint(own) for own in rest) and not _are_sizes(first, set.union(one, *rest)):
                found |= {first, *common}
    return found


def _are_sizes(first: str, others: Iterable[str]) -> bool:
    """Whether a file is named like the first one: then an image is shown several times, cut otherwise each time."""
    stem = _stem(first)
    begin = stem[:_ALIKE]
    return any(
        other.startswith(begin) and (len(stem) >= _ALIKE or not other[len(stem) : len(stem) + 1].isalnum())
        for other in map(_stem, others)
    )


def _stem(url: str) -> str:
    name = url.partition("?")[0].rpartition("/")[2]
    return name.rpartition(".")[0] or name
