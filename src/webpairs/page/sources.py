"""Which URL an image element stands for: its own, a lazy loader's, or that of a picture's source."""

import re
from collections.abc import Mapping, Sequence

Attributes = Mapping[str, str | None]

# Where scripts find the URL that they put into src when the image comes into view; most used first.
LAZY = (
    "data-src",
    "data-lazy-src",
    "data-original",
    "data-original-src",
    "data-lazy",
    "data-lazyload",
    "data-hi-res-src",
    "data-src-large",
    "data-large-src",
    "data-full-src",
    "data-image",
    "data-img",
    "data-img-src",
    "data-url",
    "data-echo",
    "data-actualsrc",
    "data-pagespeed-lazy-src",
    "data-cfsrc",
)
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")

# What stands in src until the real image comes: a tiny data: URI, or a file named like one.
_PLACEHOLDER = re.compile(
    r"^(?:#|about:|javascript:|data:image/(?:gif|png|svg)|data:,)"
    r"|(?:^|/)(?:[\w-]{0,30}placeholder[\w-]{0,30}|(?:blank|spacer|transparent|(?:clear)?pixel|lazy(?:[-_]?load(?:er|ing)?)?"
    r"|load(?:er|ing)|gr[ea]y|clear|empty|dummy|\d{1,4}[x_]\d{1,4})(?:[-_]?(?:img|image|gif|\d{1,4}(?:x\d{1,4})?))?)"
    r"\.(?:gif|png|svg|jpe?g|webp)(?:\?|$)",
    re.IGNORECASE,
)
# Loaders that name their attributes otherwise: any like these that holds the URL of an image file.
_LOADER = re.compile(r"data-.*(?:src|img|image|lazy|original|url|full|large|pic).*")
_IMAGE_URL = re.compile(
    r"(?:https?:/|\.{0,2})/[^\s{}\[\]<>]{1,2000}\.(?:jpe?g|png|webp|avif|gif)(?:\?[^\s{}\[\]<>]*)?", re.IGNORECASE
)
_PLACEHOLDER_DATA_AT_MOST = 2000
_ENTRY = re.compile(r"[\s,]*(?:(\S*?),+(?=\s|$)|(\S+)(?:\s+([^,]*))?)")
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)[wx](?:\s|$)")
_ENTRIES_AT_MOST = 100


def source(image: Attributes, picture: Sequence[Attributes]) -> tuple[str, str] | None:
    """The URL as written and the attribute it stood in; None where the element names none.

    `picture` are the source elements before the image within its picture element; what comes from them is called
    `source srcset` and so on. A placeholder in src is passed over where there is anything else, and taken otherwise.
    """
    src = (image.get("src") or "").strip()
    if src and not _is_placeholder(src):
        return src, "src"
    for name in LAZY:
        value = (image.get(name) or "").strip()
        if value and not _is_placeholder(value) and _looks_like_url(value):
            return value, name
    for name in ("srcset", *LAZY_SETS):
        if url := largest(image.get(name) or ""):
            return url, name
    for attributes in picture:
        for name in ("srcset", *LAZY_SETS):
            if url := largest(attributes.get(name) or ""):
                return url, f"source {name}"
    for name, other in image.items():
        if other and _LOADER.fullmatch(name) and _IMAGE_URL.fullmatch(other) and not _is_placeholder(other):
            return other, name
    return (src, "src") if src else None


def largest(srcset: str) -> str:
    """The URL with the largest width or density of a srcset; the first of equals, and "" where it names none."""
    best, best_size = "", -1.0
    for number, match in enumerate(_ENTRY.finditer(srcset)):
        if number == _ENTRIES_AT_MOST:
            break
        url = match.group(1) or match.group(2) or ""
        size = _DESCRIPTOR.search(match.group(3) or "")
        value = float(size.group(1)) if size else 1.0
        if url and value > best_size and not _is_placeholder(url):
            best, best_size = url, value
    return best


def _is_placeholder(url: str) -> bool:
    """A long data: URI is an image of its own."""
    is_long = url[:5].lower() == "data:" and len(url) > _PLACEHOLDER_DATA_AT_MOST
    return not is_long and _PLACEHOLDER.search(url) is not None


def _looks_like_url(value: str) -> bool:
    """Loaders also keep JSON and bare numbers in these attributes."""
    return value[0] not in "{[" and ("/" in value or "." in value) and " " not in value.strip()
