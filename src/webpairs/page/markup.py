"""Cuts markup that was made to keep a parser busy.

Parsers compare each new element with all that are open, and each new attribute with all before it: a megabyte of
unclosed elements keeps lexbor busy for two minutes, 100,000 attributes of one tag for 20 s.
"""

import re
from collections import Counter

SMALL = 50_000  # characters of markup that can't do harm
STARTS_AT_MOST = 5000
OPEN_AT_MOST = 600
TAG_AT_MOST = 30_000
ATTRIBUTES_AT_MOST = 2000
EQUALS_AT_MOST = 10_000

# A comment or a tag. Each alternative also ends where the markup ends, so that a scan takes linear time.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(/?)([a-zA-Z][^\s/>]*+)((?:[^>\"']++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z)",
    re.DOTALL,
)
_NOSCRIPT = re.compile(r"<noscript\b.*?(?:</noscript\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)")
# Elements whose content is no markup.
_RAW = {
    name: re.compile(f"</{name}[^>]*>?", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes")
}
_SCRIPT = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s/]+")

# Elements that have no end tag, or may go without one: that many are open means nothing.
_ENDLESS = frozenset(
    {"a", "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input"}
    | {"li", "link", "meta", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th", "thead", "tr"}
    | {"track", "wbr"}
)


def bounded(html: str) -> tuple[str, bool]:
    """The markup up to the first tag that nests or is filled beyond all use, and whether anything was cut off."""
    if len(html) > SMALL and (_may_nest(html) or _may_be_filled(html)):
        end = _harmful(html)
        if end is not None:
            return html[:end], True
    return html, False


def without_head_noscript(html: str) -> tuple[str, int]:
    """The markup without what stands in the head's noscript elements, and how many these were.

    A parser that reads noscript as markup would end the head there, and put trackers' images into the body.
    """
    body = html.find("<body")
    end = body if body >= 0 else html.find("<BODY")
    if html.find("<noscript", 0, max(end, 0)) < 0:
        return html, 0
    head, count = _NOSCRIPT.subn("", html[:end])
    return head + html[end:], count


def _may_nest(html: str) -> bool:
    """Whether there are enough start tags for nesting to do harm; counting is ten times as fast as scanning."""
    return html.count("<") - html.count("</") > STARTS_AT_MOST


def _may_be_filled(html: str) -> bool:
    """Whether there are many equals signs, or a long stretch without the end of a tag that isn't a script's."""
    if html.count("=") > EQUALS_AT_MOST:
        return True
    position = 0
    while position + TAG_AT_MOST <= len(html):
        end = html.rfind(">", position, position + TAG_AT_MOST)
        if end < 0 and not _SCRIPT.match(html, html.rfind("<", 0, position)):
            return True
        position = end + 1 if end >= 0 else html.find(">", position) + 1 or len(html)
    return False


def _harmful(html: str) -> int | None:
    """Where the first harmful tag begins."""
    still_open: Counter[str] = Counter()
    depth = position = 0
    while match := _TAG.search(html, position):
        position = match.end()
        closing, name, attributes = match.groups()
        if name is None:
            continue
        if len(attributes) > TAG_AT_MOST and len(_BETWEEN.split(_QUOTED.sub("", attributes))) > ATTRIBUTES_AT_MOST:
            return match.start()
        name = name.lower()
        if name in _RAW and not closing:
            end = _RAW[name].search(html, position)
            position = end.end() if end else len(html)
        elif name in _ENDLESS or (attributes.endswith("/") and (still_open["svg"] or still_open["math"])):
            continue
        elif not closing:
            still_open[name] += 1
            depth += 1
        elif still_open[name]:
            still_open[name] -= 1
            depth -= 1
        if depth > OPEN_AT_MOST:
            return match.start()
    return None
