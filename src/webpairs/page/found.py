"""One look at all elements for what tags don't say: hidden, an image by style, a caption, a menu, metadata."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.page.sources import BACKGROUNDS, backgrounds

# What is found of an element, as flags.
HIDDEN = 1
BACKGROUND = 2
LANDMARK = 4
CAPTION = 8

# One selector for all: lexbor visits every node for each one that it is asked. Of the kinds of selectors, those of
# attributes are the fastest.
_ANY = (
    "[hidden],[style],[role],[class*=caption i],[class*=sr-only],[class*=visually],[class*=screen-reader],"
    "[content],[rel*=icense],[href*='creativecommons.org/'],[type*=json],"
    + ",".join(f"[{name}]" for name in BACKGROUNDS)
)
_LICENCE = re.compile(r"creativecommons\.org/(?:licen[sc]es|publicdomain)/", re.IGNORECASE)
_BACKGROUNDS = frozenset(BACKGROUNDS)
_LANDMARKS = frozenset({"navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "dialog"})
_HIDING_CLASSES = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text"})
_HIDING = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))(?![\w-])")
_SHOWING = re.compile(r"background(?:-image)?\s*:[^;]*?url\(")


@dataclass(slots=True)
class Found:
    """Elements that something was found of, in document order."""

    flags: dict[int, int] = field(default_factory=dict)  # by `mem_id`
    metas: list[LexborNode] = field(default_factory=list)  # with a content
    licences: list[str] = field(default_factory=list)  # where licence links lead, as it stands
    scripts: list[LexborNode] = field(default_factory=list)  # of JSON


def find(tree: LexborHTMLParser) -> Found:
    """What is found in a page.

    Elements hidden by style that hold images are slides and tabs, and html and body are hidden until a page is ready:
    scripts show them, and they don't count as hidden.
    """
    found = Found()
    hiding: list[LexborNode] = []
    # An element comes once for each selector that it matches.
    metas: dict[int, LexborNode] = {}
    scripts: dict[int, LexborNode] = {}
    for node in tree.css(_ANY):
        attributes = node.attributes
        flags = 0
        if style := attributes.get("style"):
            style = style.lower()
            if ("none" in style or "visibility" in style) and _HIDING.search(style):
                hiding.append(node)
            if "url(" in style and _SHOWING.search(style):
                flags = BACKGROUND
        if not _BACKGROUNDS.isdisjoint(attributes) and backgrounds(attributes):
            flags = BACKGROUND
        if "content" in attributes:
            metas[node.mem_id] = node
        if (href := attributes.get("href")) and (
            _LICENCE.search(href) or "license" in (attributes.get("rel") or "").lower().split()
        ):
            found.licences.append(href)
        if "type" in attributes and node.tag == "script":
            scripts[node.mem_id] = node
        if classes := attributes.get("class"):
            if not _HIDING_CLASSES.isdisjoint(classes.split()):
                flags |= HIDDEN
            # What themes call the words that belong to an image.
            if "caption" in classes.lower() and node.tag != "figcaption":
                flags |= CAPTION
        if "hidden" in attributes:
            flags |= HIDDEN
        if attributes.get("role") in _LANDMARKS:
            flags |= LANDMARK
        if flags:
            found.flags[node.mem_id] = flags
    found.metas += metas.values()
    found.scripts += scripts.values()
    if hiding:
        holders = _holders(tree.css("img"))
        for node in hiding:
            if (identity := node.mem_id) not in holders and node.tag not in ("html", "body"):
                found.flags[identity] = found.flags.get(identity, 0) | HIDDEN
    return found


def _holders(nodes: list[LexborNode]) -> set[int]:
    """`mem_id` of all elements around these."""
    holders: set[int] = set()
    for node in nodes:
        around = node.parent
        while around is not None and around.mem_id not in holders:
            holders.add(around.mem_id)
            around = around.parent
    return holders
