"""One walk over a page: its text as a reader meets it, and its images with their places in that text."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.page.sources import Attributes
from webpairs.page.text import GrowingText

IMAGES_AT_MOST = 5000
DEPTH_AT_MOST = 512  # where browsers stop nesting, too

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog", "dir"}
    | {
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
    }
    | {"h6", "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "search"}
    | {"section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
# Their text is code, a fallback for what can't be shown, or a control's; images among them count all the same.
_MUTE = frozenset(
    {"head", "script", "style", "template", "noscript", "title", "textarea", "select", "datalist", "iframe", "noembed"}
    | {"noframes", "svg", "math", "object", "audio", "video", "canvas"}
)
_SPECIAL = frozenset({"a", "button", "img", "figure", "figcaption", "picture", "source", "noscript", "base"})
_HIDDEN = "[hidden], dialog:not([open]), .sr-only, .visually-hidden, .visuallyhidden, .screen-reader-text"
_STYLED = '[style*="display" i], [style*="visibility" i]'
_HIDING_STYLE = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE)


@dataclass(slots=True)
class Figure:
    """A figure element, and the text of its figcaption once that is read."""

    caption: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """An img element."""

    attributes: Attributes
    picture: tuple[Attributes, ...]  # the source elements before it, where it stands in a picture element
    path: str  # html>body>div[2]>img[1]; numbers count elements of the same name within a parent
    offset: int  # how much of the page's text a reader has met before it
    figure: Figure | None  # the innermost around it
    in_noscript: bool


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of a page.

    `text` is in NFC: blocks apart by one "\\n", white space within a block by one " ", nothing hidden.
    """

    text: str
    images: list[Image]
    base: str | None  # href of the first base element
    images_beyond: int = 0  # how many images were left out as more than IMAGES_AT_MOST
    too_deep: int = 0  # how many subtrees were left out as nested deeper than DEPTH_AT_MOST


# An element whose content is being read: node, tag, number among its parent's children of that tag, whether mute, and
# how many children of each tag it has shown so far.
_Open = tuple[LexborNode, str, int, bool, dict[str, int]]


class _Walk:
    """A page being read: what is open around the place that the walk has come to."""

    def __init__(self, hidden: set[int]) -> None:
        self.hidden = hidden
        self.text = GrowingText()
        self.images: list[Image] = []
        self.base: str | None = None
        self.images_beyond = 0
        self.too_deep = 0
        self.open: list[_Open] = []
        self.noscripts = 0
        self.figures: list[Figure] = []
        self.captions: list[int] = []  # the first text part of each open figcaption
        self.picture: list[Attributes] = []
        self.link_end = -1  # where the text of the last link ended

    def run(self, root: LexborNode) -> None:
        """Visits every node in document order without recursion."""
        text, open_, hidden = self.text, self.open, self.hidden
        siblings: dict[str, int] = {}
        mute = 0
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag or "-"
            if tag == "-text":
                if not mute:
                    text.add(node.text_content or "")
            elif tag[0] != "-":
                number = siblings[tag] = siblings.get(tag, 0) + 1
                is_block = tag in _BLOCKS
                if is_block:
                    text.pending = "\n"
                if tag in _SPECIAL:
                    self.enter(node, tag, number)
                child = node.first_child
                if child is not None and len(open_) < DEPTH_AT_MOST:
                    is_mute = tag in _MUTE or (bool(hidden) and node.mem_id in hidden)
                    mute += is_mute
                    siblings = {}
                    open_.append((node, tag, number, is_mute, siblings))
                    node = child
                    continue
                self.too_deep += child is not None
                if tag in _SPECIAL:
                    self.leave(tag)
            after = node.next
            while after is None and open_:
                node, tag, _, is_mute, _ = open_.pop()
                mute -= is_mute
                if tag in _BLOCKS:
                    text.pending = "\n"
                if tag in _SPECIAL:
                    self.leave(tag)
                siblings = open_[-1][4] if open_ else {}
                after = node.next
            node = after

    def enter(self, node: LexborNode, tag: str, number: int) -> None:
        if tag in ("a", "button"):
            # Links without space between them are kept apart by style.
            if self.link_end == self.text.length:
                self.text.pending = self.text.pending or " "
        elif tag == "img":
            self.image(node, number)
        elif tag == "figure":
            self.figures.append(Figure())
        elif tag == "figcaption":
            self.captions.append(len(self.text.parts))
        elif tag == "picture":
            self.picture = []
        elif tag == "source":
            self.picture.append(node.attributes)
        elif tag == "noscript":
            self.noscripts += 1
        elif tag == "base" and self.base is None:
            self.base = node.attributes.get("href")

    def leave(self, tag: str) -> None:
        if tag in ("a", "button"):
            self.link_end = self.text.length
        elif tag == "figure":
            self.figures.pop()
        elif tag == "figcaption":
            caption = self.text.since(self.captions.pop())
            if self.figures and self.figures[-1].caption is None and caption:
                self.figures[-1].caption = caption
        elif tag == "noscript":
            self.noscripts -= 1

    def image(self, node: LexborNode, number: int) -> None:
        if len(self.images) == IMAGES_AT_MOST:
            self.images_beyond += 1
            return
        in_picture = bool(self.open) and self.open[-1][1] == "picture"
        steps = [_step(tag, count) for _, tag, count, _, _ in self.open]
        self.images.append(
            Image(
                attributes=node.attributes,
                picture=tuple(self.picture) if in_picture else (),
                path=">".join([*steps, _step("img", number)]),
                offset=self.text.length,
                figure=self.figures[-1] if self.figures else None,
                in_noscript=self.noscripts > 0,
            )
        )


def read(html: str) -> Page:
    """The page's text and images, in reading order. Never raises for what is in the page."""
    tree = LexborHTMLParser(html)
    walk = _Walk(_hidden(tree))
    if tree.root is not None:
        walk.run(tree.root)
    return Page("".join(walk.text.parts), walk.images, walk.base, walk.images_beyond, walk.too_deep)


def _hidden(tree: LexborHTMLParser) -> set[int]:
    """Ids of the elements that aren't shown.

    Those hidden by style that hold images are slides and tabs, and html and body are hidden until a page is ready:
    scripts show them.
    """
    hidden = {node.mem_id for node in tree.css(_HIDDEN)}
    styled = [node for node in tree.css(_STYLED) if _HIDING_STYLE.search(node.attributes.get("style") or "")]
    if styled:
        holders = _holders(tree.css("img"))
        hidden |= {node.mem_id for node in styled if node.mem_id not in holders and node.tag not in ("html", "body")}
    return hidden


def _holders(nodes: list[LexborNode]) -> set[int]:
    """Ids of all elements around these."""
    holders: set[int] = set()
    for node in nodes:
        around = node.parent
        while around is not None and around.mem_id not in holders:
            holders.add(around.mem_id)
            around = around.parent
    return holders


def _step(tag: str, number: int) -> str:
    return tag if tag in ("html", "head", "body") else f"{tag}[{number}]"
