"""Cuts markup that was made to keep a parser busy.

Parsers compare each new element with all that are open, each new attribute with all before it in its tag, and open
formatting anew in every block: lexbor takes minutes for a megabyte of unclosed elements, a second for 50 kB of
attributes, a gigabyte for 30 kB of unclosed `<b>`. How deep markup nests, and what in it is a tag, only a parser can
tell. So counts that can't be deceived clear nearly every page; of the others, lexbor is asked about the markup before a
place that could do harm.
"""

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

SIGNS_AT_MOST = 200_000  # "<" in a page: so many elements take 150 MB
STARTS_AT_MOST = 10_000  # start tags that may all nest
DEPTH_AT_MOST = 600
FORMATS_AT_MOST = 1_000_000  # elements that a parser adds to open formatting in every block
ATTRIBUTES_AT_MOST = 3000  # of one tag; of several together, the root of the sum of their squares
MERGED_AT_MOST = 500  # names of attributes in all html and body tags: they become those of one element

_SMALL = 100_000  # bytes, too few for attributes that take more than a second
_FEW_SIGNS = 2000  # too few for more than FORMATS_AT_MOST
_MANY = 200  # attributes of a tag that is looked at
_MERGED_OF_ONE = 50  # of a tag's names that are counted: in a script, what looks like a tag may go on and on
_ASKED_AT_MOST = 32 << 20  # bytes that lexbor is asked about for the sake of attributes
_SAMPLED_EVERY = 50  # elements; from one to the next in document order, depth grows by one at most
_NARROWED_TO = 256  # signs

# As a tokenizer reads it: quotes mean something after "=" alone. The first way is that of nearly all.
_ATTRIBUTE = (
    rb"(?:[ \t\n\r\f/]*+(?:[^ \t\n\r\f/>=]++|=[^ \t\n\r\f/>=]*+)"
    rb"(?:=\"[^\"]*+\"|[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+)?+)?+)"
)
_ATTRIBUTES = re.compile(_ATTRIBUTE + rb"*+")
_NAMES = re.compile(_ATTRIBUTE.replace(b"(?:[^", b"([^", 1))
_FILLED = re.compile(rb"<[a-zA-Z/][^ \t\n\r\f/>]*+(?=" + _ATTRIBUTE + rb"{%d})" % _MANY)
_MERGED = re.compile(rb"<(?:[bB][oO][dD][yY]|[hH][tT][mM][lL])(?=[ \t\n\r\f/])")
_END = re.compile(rb">|</")
_FORMAT = rb"(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[ \t\n\r\f/>])"
_FORMATS = re.compile(rb"<" + _FORMAT, re.IGNORECASE)
_FORMAT_TAGS = re.compile(rb"</?" + _FORMAT + _ATTRIBUTE + rb"*+[ \t\n\r\f/]*+>?", re.IGNORECASE)
_UNSEEN = re.compile(rb"<(?:template|frameset)", re.IGNORECASE)
_SAME_AT_MOST = 3  # formatting elements that are alike and that a parser opens anew

_NOSCRIPT = re.compile(rb"<noscript\b.*?(?:</noscript\s*>|\Z)", re.DOTALL | re.IGNORECASE)


def parse(html: bytes) -> LexborHTMLParser:
    """The tree of markup in UTF-8. Without events: they copy an option's text, and look through all options for it."""
    return LexborHTMLParser(html, options=LexborDocumentOptions.WO_EVENTS)


def bounded(html: bytes) -> tuple[bytes, list[str]]:
    """The markup without what does harm to a parser, and why anything was left out.

    `markup_too_large`, `markup_too_deep` and `attributes_too_many`: what follows was cut off. `formatting_too_much`:
    tags of elements like b and font are gone.
    """
    count = html.count(b"<")
    if count <= _FEW_SIGNS and len(html) <= _SMALL:
        return html, []
    reasons = []
    if count > SIGNS_AT_MOST:
        html, count = html[: int(_signs(html)[SIGNS_AT_MOST])], SIGNS_AT_MOST
        reasons.append("markup_too_large")
    if count > _FEW_SIGNS and _may_burst(html, count):
        # A comment: nothing beside it becomes a tag.
        html = _FORMAT_TAGS.sub(b"<!---->", html)
        reasons.append("formatting_too_much")
    if len(html) > _SMALL and (merged := _merged(html)) is not None:
        html = html[:merged]
        reasons.append("attributes_too_many")
    filled = list(_filled(html)) if len(html) > _SMALL else []
    may_nest = count > STARTS_AT_MOST and count - html.count(b"</") > STARTS_AT_MOST
    if (filled or may_nest) and (harm := _harm(html, filled, may_nest)):
        html = html[: harm[0]]
        reasons.append(harm[1])
    return html, reasons


def without_head_noscript(html: bytes) -> tuple[bytes, int]:
    """The markup without what stands in the head's noscript elements, and how many these were.

    A parser that reads noscript as markup would end the head there, and put trackers' images into the body.
    """
    body = html.find(b"<body")
    end = body if body >= 0 else html.find(b"<BODY")
    if end <= 0 or html.find(b"<noscript", 0, end) < 0:
        return html, 0
    head, count = _NOSCRIPT.subn(b"", html[:end])
    return head + html[end:], count


def _signs(html: bytes, but_ends: bool = False) -> NDArray[np.intp]:
    """Where each "<" is, or each that begins no end tag."""
    letters = np.frombuffer(html, np.uint8)
    signs = letters == ord("<")
    if but_ends:
        signs[:-1] &= letters[1:] != ord("/")
    return np.flatnonzero(signs)


def _may_burst(html: bytes, count: int) -> bool:
    """Whether open formatting, made anew between any two of so many signs, may become too much."""
    formats = len(_FORMATS.findall(html))
    if formats * count > FORMATS_AT_MOST:
        formats = min(formats, _SAME_AT_MOST * len(set(_FORMAT_TAGS.findall(html))))
    return formats * count > FORMATS_AT_MOST


def _filled(html: bytes) -> Iterator[tuple[int, int]]:
    """Of what may be a tag of many attributes, where it begins and how many there are."""
    position = 0
    while match := _FILLED.search(html, position):
        yield match.start(), len(_NAMES.findall(_attributes(html, match.end())))
        # Be it in a script or a quoted value, no tag begins before one of these.
        end = _END.search(html, match.end())
        position = end.start() if end else len(html)


def _merged(html: bytes) -> int | None:
    """Where the first tag of html or body begins that has one name of an attribute too many."""
    names: set[bytes] = set()
    for match in _MERGED.finditer(html):
        names.update(_NAMES.findall(_attributes(html, match.end()))[:_MERGED_OF_ONE])
        if len(names) > MERGED_AT_MOST:
            return match.start()
    return None


def _attributes(html: bytes, start: int) -> bytes:
    match = _ATTRIBUTES.match(html, start)
    return match.group() if match else b""


def _harm(html: bytes, filled: list[tuple[int, int]], may_nest: bool) -> tuple[int, str] | None:
    """Where the page is to be cut, and why. What stands before a place that is asked about has been found harmless."""
    starts = _signs(html, but_ends=True)
    places = starts[STARTS_AT_MOST::STARTS_AT_MOST].tolist() if may_nest else []
    squares = asked = fine = 0
    for start, attributes in [*filled, (len(html), 0)]:
        while places and places[0] <= start:
            place = places.pop(0)
            if _is_deep(html[:place]):
                return _narrowed(html, starts, fine, place), "markup_too_deep"
            fine = place
        asked += start if attributes else 0
        if asked > _ASKED_AT_MOST or (attributes and _is_tag(html[:start])):
            squares += attributes**2
            if asked > _ASKED_AT_MOST or squares > ATTRIBUTES_AT_MOST**2:
                return start, "attributes_too_many"
    return None


def _is_tag(before: bytes) -> bool:
    """Whether what follows this markup is read as a tag. In templates and frame sets lexbor doesn't say: it may be."""
    if _UNSEEN.search(before):
        return True
    return parse(before + b"<x-probe>").css_first("x-probe") is not None


def _narrowed(html: bytes, starts: NDArray[np.intp], fine: int, deep: int) -> int:
    """About where between these two places the markup nests too deep."""
    low, high = np.searchsorted(starts, [fine, deep]).tolist()
    while high - low > _NARROWED_TO:
        middle = (low + high) // 2
        if _is_deep(html[: int(starts[middle])]):
            high = middle
        else:
            low = middle
    return int(starts[low])


def _is_deep(html: bytes) -> bool:
    tree = parse(html)
    nodes = tree.css("*")
    for fragment in tree.template_fragments():
        nodes += fragment.css("*")
    return any(_depth(node) > DEPTH_AT_MOST for node in nodes[::_SAMPLED_EVERY])


def _depth(node: LexborNode) -> int:
    """How many elements there are around it, counted no further than needed."""
    depth = 0
    around = node.parent
    while around is not None and depth <= DEPTH_AT_MOST:
        depth += 1
        around = around.parent
    return depth
