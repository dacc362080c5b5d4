"""Which URLs an image element names: its own, a lazy loader's, those of a picture's sources, or of a link around it."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

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
    "data-echo",
    "data-actualsrc",
    "data-pagespeed-lazy-src",
    "data-cfsrc",
)
LAZY_SETS = ("data-srcset", "data-lazy-srcset", "data-original-set")
_SETS = ("srcset", *LAZY_SETS)

# What stands in src until the real image comes: a tiny data: URI, or a file named like one.
_NO_FILE = ("#", "about:", "javascript:", "data:")
_PLACEHOLDER_DATA = re.compile(r"data:(?:image/(?:gif|png|svg)|,)", re.IGNORECASE)
_PLACEHOLDER_NAME = re.compile(
    r"(?:[\w-]{0,30}(?:placeholder|fallback)[\w-]{0,30}|(?:blank|spacer|transparent|(?:clear)?pixel"
    r"|lazy(?:[-_]?load(?:er|ing)?|-\w)?|load(?:er|ing)|gr[ea]y|clear|empty|dummy|\d{1,4}[x_]\d{1,4})"
    r"(?:[-_]?(?:img|image|gif|data|\d{1,4}(?:x\d{1,4})?))?(?:\.trans|-[0-9a-f]{8,64})?)"
    r"\.(?:gif|png|svg|jpe?g|webp)(?:\?|$)",
    re.IGNORECASE,
)
# Loaders that name their attributes otherwise: any that ends so holds a URL, and any like the others may hold the URL
# of an image file, or several of them amid words of their own.
_SRC = re.compile(r"data-(?!.*(?:video|audio|iframe|embed)).*src", re.DOTALL)
_LOADER = re.compile(r"data-.*?(?:src|img|image|lazy|original|url|full|large|pic).*", re.DOTALL)
_IMAGE_URL = re.compile(
    # That it is one word is looked at once, and not anew for each end of a file's name.
    r"(?:https?:/|\.{0,2})/(?=[^\s{}\[\]<>]+\Z).{1,2000}\.(?:jpe?g|png|webp|avif|gif)(?:\?.*)?",
    re.IGNORECASE | re.DOTALL,
)
_AMID = re.compile(r"[\s\"'|;()\[\]{}<>\\]+|,(?=\s|$)|(?<=\w)::")  # between URLs and what is said of them
_AMID_AT_MOST = 4000  # characters of an attribute that are read for such
_PLACEHOLDER_DATA_AT_MOST = 2000
_ENTRY = re.compile(r"[\s,]*(?:(\S*?),+(?=\s|$)|(\S+)(?:\s+([^,]*))?)")
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([wx])(?:\s|$)")
_ENTRIES_AT_MOST = 100
URLS_AT_MOST = 20  # of one image

# Where loaders find an element's background, and where HTML 4 has it.
BACKGROUNDS = ("data-bg", "data-background-image", "background")

_EXTENSION = r"\.(?:jpe?g|png|webp|avif|gif|tiff?|bmp)"
_LINKED = re.compile(rf"[^\s?#]{{1,2000}}{_EXTENSION}(?:[?#]\S{{0,2000}})?", re.IGNORECASE)
# Wikis call them so in any language: /wiki/Fichier:x.jpg. But /wiki/Special:FilePath/x.jpg is the file.
_FILE_PAGE = re.compile(
    r"/(?:File|Image|Datei|Fichier|Bestand|Archivo|Immagine|Ficheiro|Plik|Файл):"
    r"|/wiki/(?=[^/?#]{1,200}(?::|%3A))[^/?#]*(?:[?#]|$)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"background(?:-image)?\s*:[^;]{0,500}?url\(\s*(?:'([^']{1,4096})'|\"([^\"]{1,4096})\"|([^\s'\")]{1,4096}))\s*\)",
    re.IGNORECASE,
)

# Attributes that most images have, and that name no image.
_PLAIN = frozenset({"src", "alt", "class", "width", "height", "style", "title", "id", "loading", "sizes", "decoding"})
_RANKS = {name: rank for rank, name in enumerate(LAZY)}


class Source(NamedTuple):
    """A URL as it stands in the page."""

    url: str
    name: str  # src, data-src, srcset, source srcset, link, …: where it stands
    width: int | None = None  # of the image in pixels, where a srcset tells


def sources(attributes: Attributes, picture: Sequence[Attributes] = ()) -> list[Source]:
    """All URLs that an image element names, in order of preference.

    What the page itself shows comes first: src, or what a lazy loader puts there. Then come the entries of srcset, and
    those of `picture`, the source elements before the image within its picture element, the largest first. A
    placeholder in src is passed over where there is anything else, and taken otherwise.
    """
    src = (attributes.get("src") or "").strip()
    if src and not picture and _PLAIN.issuperset(attributes):
        return [Source(src, "src")]
    found = [Source(src, "src")] if src and not _is_placeholder(src) else []
    sets: list[tuple[str, str]] = []
    others: list[str] = []
    for name, value in attributes.items():
        if value and name not in _PLAIN:
            if name in _SETS:
                sets.append((name, value))
            elif name[:5] == "data-" and (name in _RANKS or _LOADER.fullmatch(name)):
                others.append(name)
    if others:
        found += _lazy(attributes, others)
    for name, value in sorted(sets, key=lambda entry: _SETS.index(entry[0])):
        found += entries(value, name)
    for one in picture:
        found += [entry for name in _SETS if (value := one.get(name)) for entry in entries(value, f"source {name}")]
    if not found and others:
        found = amid(attributes)
    if not found and src:
        found.append(Source(src, "src"))
    return found[:URLS_AT_MOST]


def _lazy(attributes: Attributes, names: Sequence[str]) -> list[Source]:
    """What lazy loaders name, known attributes first."""
    found = []
    for name in sorted(names, key=lambda name: _RANKS.get(name, len(LAZY))):
        value = (attributes[name] or "").strip()
        known = value and (name in _RANKS or _SRC.fullmatch(name)) and _looks_like_url(value)
        if (known or _IMAGE_URL.fullmatch(value)) and not _is_placeholder(value):
            found.append(Source(value, name))
    return found


def amid(attributes: Attributes) -> list[Source]:
    """The URLs of image files that loaders' attributes hold amid other words, for an image that names none else."""
    return [
        Source(piece, name)
        for name, value in attributes.items()
        if value and _LOADER.fullmatch(name) and name not in LAZY_SETS
        for piece in _AMID.split(value[:_AMID_AT_MOST])
        if _IMAGE_URL.fullmatch(piece) and not _is_placeholder(piece)
    ][:URLS_AT_MOST]


def entries(srcset: str, name: str) -> list[Source]:
    """The URLs of a srcset, the largest width or density first, without placeholders."""
    found: list[tuple[float, Source]] = []
    for match in islice(_ENTRY.finditer(srcset), _ENTRIES_AT_MOST):
        bare, sized, descriptors = match.groups()
        url = bare or sized
        if not url or _is_placeholder(url):
            continue
        size = _DESCRIPTOR.search(descriptors) if descriptors else None
        if size is None:
            found.append((-1.0, Source(url, name)))
        else:
            value, unit = size.groups()
            found.append((-float(value), Source(url, name, int(float(value)) if unit == "w" else None)))
    found.sort(key=itemgetter(0))
    return [source for _, source in found]


def larger(href: str | None) -> list[Source]:
    """What a link around an image names, where it names an image file; pages about files are called so, too."""
    is_file = href is not None and _LINKED.fullmatch(href.strip()) and not _FILE_PAGE.search(href)
    return [Source(href.strip(), "link")] if href is not None and is_file else []


def backgrounds(attributes: Attributes) -> list[Source]:
    """The URLs of an element's background images."""
    found = [
        Source(match.group(1) or match.group(2) or match.group(3), "style")
        for match in _BACKGROUND.finditer(attributes.get("style") or "")
    ]
    for name in BACKGROUNDS:
        if (value := (attributes.get(name) or "").strip()) and _looks_like_url(value):
            wrapped = _BACKGROUND.match(f"background:{value}")
            found.append(Source(wrapped.group(1) or wrapped.group(2) or wrapped.group(3) if wrapped else value, name))
    return [source for source in found if not _is_placeholder(source.url)][:URLS_AT_MOST]


def _is_placeholder(url: str) -> bool:
    """A long data: URI is an image of its own."""
    if url[:11].lower().startswith(_NO_FILE):
        return url[:5].lower() != "data:" or (
            len(url) <= _PLACEHOLDER_DATA_AT_MOST and _PLACEHOLDER_DATA.match(url) is not None
        )
    path = url.partition("?")[0] if "?" in url else url
    return _PLACEHOLDER_NAME.match(path, path.rfind("/") + 1) is not None


def _looks_like_url(value: str) -> bool:
    """Loaders also keep JSON and bare numbers in these attributes."""
    return value[0] not in "{[" and ("/" in value or "." in value) and " " not in value.strip()
