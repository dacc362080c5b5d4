"""Which parts of a page's text are menus and other boilerplate, so that later stages can choose.

That is what stands in elements made for it (nav, footer, aside, the page's header, their roles), and runs of blocks
that hold hardly anything but links.
"""

import numpy as np

from webpairs.page.text import Span
from webpairs.page.walk import Page

_LINKED_SHARE = 0.6  # of a block's characters that are links, from which on it is one of a menu
_RUN_AT_LEAST = 3  # such blocks in a row: a paragraph may be one link
_ENTRY_AT_MOST = 80  # characters of a link: longer ones are teasers, which say something


def boilerplate(page: Page) -> list[Span]:
    """Spans of the page's text, in order, that neither touch nor overlap."""
    spans = [span for scope in page.boilerplate if (span := page.reading.span(scope.start, scope.end))]
    merged: list[Span] = []
    for start, end in sorted([*spans, *_menus(page)]):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _menus(page: Page) -> list[Span]:
    starts = page.reading.starts
    count = len(starts) - 1
    if not count or not page.links:
        return []
    links = page.links
    begin, first = page.reading.inside([link.start for link in links])
    end, last = page.reading.inside([link.end for link in links])
    # A link around several blocks is a card, not a menu's entry.
    entries = (last - first <= 1) & (last >= 0) & (begin < end)
    lengths = page.reading.lengths(begin[entries], end[entries])
    linked = np.bincount(last[entries], np.where(lengths <= _ENTRY_AT_MOST, lengths, 0), minlength=count)
    of_links = linked >= _LINKED_SHARE * (np.diff(starts) - 1)
    for heading in page.headings:
        if heading.end >= 0:
            of_links[page.reading.within(heading.start, heading.end)] = False
    edges = np.flatnonzero(np.diff(of_links, prepend=False, append=False)).tolist()
    runs = zip(edges[::2], edges[1::2], strict=True)
    return [(int(starts[start]), int(starts[end]) - 1) for start, end in runs if end - start >= _RUN_AT_LEAST]
