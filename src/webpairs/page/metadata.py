"""What a page says about itself for machines: title, descriptions, licences, opt-outs, and images that stand for it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from itertools import islice
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from webpairs.page.elements import step
from webpairs.page.found import Found
from webpairs.page.text import tidy

TEXT_AT_MOST = 10_000  # characters
IMAGES_AT_MOST = 100
_JSON_AT_MOST = 1 << 20  # characters of JSON-LD that are parsed
_SCRIPTS_AT_MOST = 100
_POINTER_AT_MOST = 2000  # characters; what is deeper in JSON, or has longer names, is passed over
_JSON_NODES_AT_MOST = 20_000
_LICENCES_AT_MOST = 20

_DESCRIPTIONS = {
    "description": "meta_description",
    "og:description": "og_description",
    "og:title": "og_title",
    "twitter:description": "twitter_description",
    "dc.description": "dc_description",
}
_IMAGES = {
    "og:image": "og:image",
    "og:image:url": "og:image",
    "og:image:secure_url": "og:image",
    "twitter:image": "twitter:image",
    "twitter:image:src": "twitter:image",
    "image": "itemprop",
    "thumbnailurl": "itemprop",
}
_ROBOTS = frozenset({"robots", "googlebot", "googlebot-image", "bingbot", "tdm-reservation", "tdm-policy"})
# Robots' rules that are about being shown, kept or learned from; `index`, `follow` and the like allow.
_LIMITING = re.compile(
    r"\b(?:no(?:index|imageindex|archive|cache|snippet|ai|imageai|ml|ne)\b|unavailable_after|max-image-preview:\s*none)",
    re.IGNORECASE,
)
_LINK = re.compile(r"<([^<>]{1,2048})>\s*((?:;[^,<]*)?)")


class Described(NamedTuple):
    """A text, and what kind of text it is."""

    source: str
    text: str


class OptOut(NamedTuple):
    """A word against use, and where it stands."""

    where: str
    value: str


@dataclass(slots=True)
class HeadImage:
    """An image that the page names for machines, with the texts that belong to it."""

    element: str  # og:image, twitter:image, itemprop, image_src, json-ld
    path: str
    urls: list[str] = field(default_factory=list)
    texts: list[Described] = field(default_factory=list)
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Metadata:
    title: str = ""
    descriptions: list[Described] = field(default_factory=list)
    images: list[HeadImage] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)  # as they stand, distinct, in order
    base: str | None = None  # href of the first base element
    bad_json: int = 0  # scripts of JSON-LD that are none, or too long
    deep_json: int = 0  # of it, what stands too deep, or under too long a name


def metadata(tree: LexborHTMLParser, found: Found, headers: Mapping[str, str]) -> Metadata:
    """Reads the page's head, its JSON-LD and its licence links. Never raises for what is in the page.

    `headers` are those of HTTP that opt out or license: x-robots-tag, tdm-reservation, link.
    """
    about = Metadata()
    _headers(headers, about)
    _head(tree, about)
    for node in found.metas:
        _meta(node, about)
    _json_ld(found.scripts, about)
    for href in found.licences:
        _licence(href, about)
    return about


def _headers(headers: Mapping[str, str], found: Metadata) -> None:
    if (robots := headers.get("x-robots-tag", "")) and _LIMITING.search(robots):
        found.opt_outs.append(OptOut("header x-robots-tag", tidy(robots[:TEXT_AT_MOST])))
    if (reserved := headers.get("tdm-reservation", "").strip()) and reserved != "0":
        found.opt_outs.append(OptOut("header tdm-reservation", tidy(reserved[:TEXT_AT_MOST])))
    for match in _LINK.finditer(headers.get("link", "")[:TEXT_AT_MOST]):
        if re.search(r"rel\s*=\s*\"?[^\";]*\blicense\b", match.group(2), re.IGNORECASE):
            _licence(match.group(1), found)


def _licence(href: str, found: Metadata) -> None:
    href = href.strip()[:2048]
    is_new = bool(href) and href not in found.licences
    if is_new and len(found.licences) < _LICENCES_AT_MOST:
        found.licences.append(href)


def _head(tree: LexborHTMLParser, found: Metadata) -> None:
    node = tree.head.first_child if tree.head is not None else None
    while node is not None:
        tag = node.tag
        if tag == "title":
            found.title = found.title or tidy(node.text()[:TEXT_AT_MOST])
        elif tag == "base" and found.base is None:
            found.base = node.attributes.get("href")
        elif tag == "link" and (node.attributes.get("rel") or "").lower() == "image_src":
            _add(found, "image_src", node, node.attributes.get("href") or "")
        node = node.next


def _meta(node: LexborNode, found: Metadata) -> None:
    attributes = node.attributes
    name = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").strip().lower()
    content = attributes.get("content")
    if not name or not content:
        return
    if name in _DESCRIPTIONS:
        if text := tidy(content[:TEXT_AT_MOST]):
            found.descriptions.append(Described(_DESCRIPTIONS[name], text))
    elif name in _IMAGES:
        element = _IMAGES[name]
        last = found.images[-1] if found.images else None
        # A plain URL and a secure one of the same image follow each other.
        if name in ("og:image:url", "og:image:secure_url") and last is not None and last.element == element:
            last.urls.append(content)
        else:
            _add(found, element, node, content)
    elif name in ("og:image:alt", "twitter:image:alt"):
        if found.images and (text := tidy(content[:TEXT_AT_MOST])):
            found.images[-1].texts.append(Described(name.replace(":", "_"), text))
    elif name in ("og:image:width", "og:image:height"):
        if found.images and content.strip().isdecimal() and len(content) < 8:
            setattr(found.images[-1], name.rpartition(":")[2], int(content))
    elif name in _ROBOTS:
        limiting = content.strip() != "0" if name.startswith("tdm-") else _LIMITING.search(content)
        if limiting:
            found.opt_outs.append(OptOut(f"meta {name}", tidy(content[:TEXT_AT_MOST])))


def _add(found: Metadata, element: str, node: LexborNode, url: str) -> None:
    # The path is dear where there are many siblings.
    if len(found.images) < IMAGES_AT_MOST:
        found.images.append(HeadImage(element, path(node), [url]))


def _json_ld(scripts: Sequence[LexborNode], found: Metadata) -> None:
    for node in scripts[:_SCRIPTS_AT_MOST]:
        if "ld+json" not in (node.attributes.get("type") or "").lower():
            continue
        text = node.text()
        try:
            if len(text) > _JSON_AT_MOST:
                raise ValueError("too long")
            value = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            found.bad_json += 1
            continue
        place = path(node)
        for pointer, url, texts in islice(_images_in(value, found), IMAGES_AT_MOST - len(found.images)):
            found.images.append(HeadImage("json-ld", f"{place}#{_sound(pointer)}", [url], texts))


def _images_in(value: Any, found: Metadata) -> Iterator[tuple[str, str, list[Described]]]:
    """Of each image in JSON-LD its JSON pointer, its URL, and its texts; in the order of the document."""
    waiting: list[tuple[str, Any, list[Described], bool]] = [("", value, [], False)]
    seen = 0
    while waiting and seen < _JSON_NODES_AT_MOST:
        pointer, value, about, is_image = waiting.pop()
        seen += 1
        if isinstance(value, list):
            # A pointer is made for each that waits.
            at_most = 1000 if len(pointer) <= _POINTER_AT_MOST else 0
            found.deep_json += not at_most
            items = [(f"{pointer}/{n}", item, about, is_image) for n, item in enumerate(value[:at_most])]
            waiting += reversed(items)
        elif isinstance(value, str):
            if is_image and value.strip():
                yield pointer, value, about
        elif isinstance(value, dict):
            kinds = value.get("@type")
            own = "ImageObject" in (kinds if isinstance(kinds, list) else [kinds])
            url = value.get("contentUrl") or value.get("url") if is_image or own else None
            if isinstance(url, str) and url.strip() and not url.startswith("#"):
                yield pointer, url, [*_json_texts(value, "json_ld_", ("caption", "description", "name")), *about]
            around = _json_texts(value, "json_ld_about_", ("headline", "name", "description"))
            inside = [
                (name, item)
                for name, item in value.items()
                if isinstance(item, list | dict) or (name in _JSON_IMAGES and isinstance(item, str))
            ]
            short = [(name, item) for name, item in inside if len(pointer) + len(name) <= _POINTER_AT_MOST]
            found.deep_json += len(inside) - len(short)
            items = [
                (f"{pointer}/{escaped(name)}", item, around if name in _JSON_IMAGES else [], name in _JSON_IMAGES)
                for name, item in short
            ]
            waiting += reversed(items)


def escaped(name: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


_JSON_IMAGES = frozenset({"image", "thumbnail", "thumbnailUrl", "primaryImageOfPage", "photo", "logo"})


def _json_texts(value: Mapping[str, Any], prefix: str, names: tuple[str, ...]) -> list[Described]:
    texts = ((name, value.get(name)) for name in names)
    return [
        Described(prefix + name, clean)
        for name, text in texts
        if isinstance(text, str) and (clean := tidy(unescape(_sound(text[:TEXT_AT_MOST]))))
    ]


def _sound(text: str) -> str:
    """JSON can spell halves of signs, which no other text can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def path(node: LexborNode) -> str:
    """A CSS selector of this one element."""
    steps: list[str] = []
    at: LexborNode | None = node
    while at is not None and at.tag != "-document":
        number, before = 1, at.prev
        while before is not None:
            number += before.is_element_node
            before = before.prev
        steps.append(step(at.tag or "*", number))
        at = at.parent
    return ">".join(reversed(steps))
