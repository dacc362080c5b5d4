"""What each kind of element means to a reader of a page, by lexbor's number of its tag."""

import re
from collections.abc import Iterable

from selectolax.lexbor import LexborHTMLParser

# Flags of an element.
BLOCK = 1  # stands on lines of its own
MUTE = 2  # its text is code, a fallback for what can't be shown, or a control's; images in it count all the same
SKIP = 4  # nothing in it is markup, or none that shows images
ENTERED = 8  # the walk notes where it begins
LEFT = 16  # and where it ends: set by the walk
NO_ELEMENT = 32
LINK = 64
CUSTOM = 128  # none that HTML knows

_BLOCKS = """address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre
    search section summary table tbody td tfoot th thead tr ul"""
_MUTE = "noscript object audio video canvas"
_SKIP = """head script style template title textarea select datalist iframe noembed noframes svg math"""
_ENTERED = """img input video source dialog figure figcaption picture noscript table caption h1 h2 h3 h4 h5 h6 article
    main section nav footer aside header"""
_LINKS = "a button"

_PIXELS = re.compile(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*", re.IGNORECASE)
_UNSAFE = re.compile(r"[^\w-]")  # in a CSS selector


_NAME_AT_MOST = 100  # characters of an element's name


def step(tag: str, number: int) -> str:
    """One step of a CSS selector: the element that is so many-th among its parent's elements."""
    if tag in ("html", "head", "body"):
        return tag
    if len(tag) > _NAME_AT_MOST:
        return f"*:nth-child({number})"
    name = _UNSAFE.sub(lambda match: f"\\{match.group()}", tag) if not tag.isalnum() else tag
    return f"{name}:nth-child({number})"


def pixels(value: str | None) -> int | None:
    """A declared width or height; None where it is none in pixels."""
    match = _PIXELS.fullmatch(value) if value else None
    return int(match.group(1)) if match else None


def _flags() -> dict[str, int]:
    flags: dict[str, int] = {"-comment": NO_ELEMENT | SKIP}
    for names, flag in ((_BLOCKS, BLOCK), (_MUTE, MUTE), (_SKIP, SKIP), (_ENTERED, ENTERED), (_LINKS, LINK)):
        for name in names.split():
            flags[name] = flags.get(name, 0) | flag
    return flags


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """lexbor's numbers of these tags: asked of lexbor, since another version may number them otherwise."""
    parser = LexborHTMLParser("<body>text<!--x-->")
    numbers = {name: parser.create_node(name).tag_id for name in names if name[0] != "-"}
    assert parser.body is not None
    return numbers | {str(node.tag): node.tag_id for node in parser.body.iter(include_text=True)}


_NUMBERS = _numbers(_flags())
TEXT = _NUMBERS["-text"]
# lexbor numbers all tags that it knows below this, and others by addresses.
_KNOWN_BELOW = 512
FLAGS = dict.fromkeys(range(_KNOWN_BELOW), 0) | {_NUMBERS[name]: flags for name, flags in _flags().items()}
