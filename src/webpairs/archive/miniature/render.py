"""From a page to its HTML."""

import html.entities
import random
import re
import textwrap
import zlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from webpairs.archive.miniature.content import Page
from webpairs.archive.miniature.sites import Site

_WRAPPERS = ("<em>{}</em>", "<b>{}</b>", '<a href="/tag/{}">{}</a>', "<i>{}</i>", '<span class="w">{}</span>')


@cache
def _environment() -> Environment:
    loader = PackageLoader("webpairs.archive.miniature", "templates")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    environment.filters["inline"] = inline
    return environment


def html_of(site: Site, page: Page) -> str:
    """The page's HTML, by the site's template."""
    text = _environment().get_template(f"{site.template}.html").render(site=site, page=page)
    return _with_entities(text) if site.entities else text


def inline(text: str, width: int = 0) -> Markup:
    """The text as HTML, at times with a word or two in a link or in italics; wrapped at `width` if that is given."""
    # The choice depends on the text alone, so that templates can call this without a random stream.
    rng = random.Random(zlib.crc32(text.encode()))
    if width:
        text = textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)
    words = [match.span() for match in re.finditer(r"[^\W\d_]{4,}( [^\W\d_]{3,})?", text)]
    if not words or rng.random() < 0.6:
        return Markup(escape(text))
    start, end = rng.choice(words)
    word = text[start:end]
    wrapper = Markup(rng.choice(_WRAPPERS))
    slots = (word,) if wrapper.count("{}") == 1 else (word.lower().replace(" ", "-"), word)
    marked = wrapper.format(*slots)
    return escape(text[:start]) + marked + escape(text[end:])


def _with_entities(text: str) -> str:
    """Everything beyond ASCII as a character reference, by name where there is one."""

    def reference(match: re.Match[str]) -> str:
        code = ord(match.group())
        name = html.entities.codepoint2name.get(code)
        return f"&{name};" if name else f"&#{code};"

    return re.sub(r"[^\x00-\x7f]", reference, text)
