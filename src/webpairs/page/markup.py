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

_SMALL = 50_000  # bytes, too few for attributes that do harm
_FEW_SIGNS = 2000  # too few for more than FORMATS_AT_MOST
_MANY = 200  # attributes of a tag that is looked at
_ASKED_AT_MOST = 32 << 20  # bytes that lexbor is asked about for the sake of attributes
_SAMPLED_EVERY = 50  # elements; from one to the next in document order, depth grows by one at most
_NARROWED_TO = 256  # signs

# As a tokenizer reads it: quotes mean something after "=" alone.
_ATTRIBUTE = (
    rb"(?:[ \t\n\r\f/]*+(=[^ \t\n\r\f/>=]*+|[^ \t\n\r\f/>=]++)"
    rb"(?:[ \t\n\r\f]*+=[ \t\n\r\f]*+(?:\"[^\"]*+\"?|'[^']*+'?|[^ \t\n\r\f>\"'][^ \t\n\r\f>]*+)?+)?+)"
)
_NAMES = re.compile(_ATTRIBUTE)
_ATTRIBUTES = re.compile(_ATTRIBUTE + rb"*+")
_FILLED = re.compile(
    rb"</?((?i:html|body)(?=[ \t\n\r\f/])|[a-zA-Z][^ \t\n\r\f/>]*+(?=" + _ATTRIBUTE + rb"{%d}))" % _MANY
)
_END = re.compile(rb">|</")
_FORMAT = rb"(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[ \t\n\r\f/>])"
_FORMATS = re.compile(rb"<" + _FORMAT, re.IGNORECASE)
_FORMAT_TAGS = re.compile(rb"</?" + _FORMAT + _ATTRIBUTE.replace(b"(=", b"(?:=") + rb"*+[ \t\n\r\f/]*+>?", re.IGNORECASE)
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
    reasons = []
    count = html.count(b"<")
    if count > SIGNS_AT_MOST:
        html, count = html[: _signs(html)[SIGNS_AT_MOST]], SIGNS_AT_MOST
        reasons.append("markup_too_large")
    if count > _FEW_SIGNS and _may_burst(html, count):
        # A comment, which no two pieces of markup can make a tag with.
        html = _FORMAT_TAGS.sub(b"<!---->", html)
        reasons.append("formatting_too_much")
    may_nest = count - html.count(b"</") > STARTS_AT_MOST
    filled = list(_filled(html)) if len(html) > _SMALL else []
    if (may_nest or filled) and (harm := _harm(html, may_nest, filled)):
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


def _signs(html: bytes) -> NDArray[np.intp]:
    return np.flatnonzero(np.frombuffer(html, np.uint8) == ord("<"))


def _may_burst(html: bytes, count: int) -> bool:
    """Whether open formatting, made anew between any two of so many signs, may become too much."""
    formats = len(_FORMATS.findall(html))
    if formats * count > FORMATS_AT_MOST:
        formats = min(formats, _SAME_AT_MOST * len(set(_FORMAT_TAGS.findall(html))))
    return formats * count > FORMATS_AT_MOST


def _filled(html: bytes) -> Iterator[tuple[int, bytes, list[bytes]]]:
    """Of what may be a tag with many attributes, or one of html or body: where it begins, its name, its attributes'."""
    position = 0
    while match := _FILLED.search(html, position):
        attributes = _ATTRIBUTES.match(html, match.end(1))
        assert attributes is not None
        yield match.start(), match.group(1).lower(), _NAMES.findall(attributes.group())
        # Be it in a script or a quoted value, no tag begins before one of these.
        end = _END.search(html, match.end(1))
        if end is None:
            return
        position = end.start()


def _harm(html: bytes, may_nest: bool, filled: list[tuple[int, bytes, list[bytes]]]) -> tuple[int, str] | None:
    """Where the page is to be cut, and why. What stands before a place that is asked about has been found harmless."""
    signs = _signs(html)
    places = [*signs[STARTS_AT_MOST::STARTS_AT_MOST].tolist(), len(html)] if may_nest else []
    squares = asked = fine = 0
    merged: set[bytes] = set()
    for start, name, attributes in [*filled, (len(html), b"", [])]:
        while places and places[0] <= start:
            place = places.pop(0)
            if _is_deep(html[:place]):
                return _narrowed(html, signs, fine, place), "markup_too_deep"
            fine = place
        if name in (b"html", b"body"):
            merged.update(attributes)
        if len(attributes) >= _MANY:
            asked += start
            if asked > _ASKED_AT_MOST or _is_tag(html[:start]):
                squares += len(attributes) ** 2
        if asked > _ASKED_AT_MOST or squares > ATTRIBUTES_AT_MOST**2 or len(merged) > MERGED_AT_MOST:
            return start, "attributes_too_many"
    return None


def _is_tag(before: bytes) -> bool:
    """Whether what follows this markup is read as a tag. In templates and frame sets lexbor doesn't say: it may be."""
    return b"<template" in before.lower() or b"<frameset" in before.lower() or _has_probe(before)


def _has_probe(before: bytes) -> bool:
    return parse(before + b"<x-probe>").css_first("x-probe") is not None


def _narrowed(html: bytes, signs: NDArray[np.intp], fine: int, deep: int) -> int:
    """About where between these two places the markup nests too deep."""
    low, high = np.searchsorted(signs, [fine, deep]).tolist()
    while high - low > _NARROWED_TO:
        middle = (low + high) // 2
        if _is_deep(html[: int(signs[middle])]):
            high = middle
        else:
            low = middle
    return int(signs[low])


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
