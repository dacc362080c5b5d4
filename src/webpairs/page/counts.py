"""What is counted on pages."""

import re
from collections import Counter
from dataclasses import dataclass, field

from webpairs.page.normalise import Searchable, words
from webpairs.page.text import tidy, window
from webpairs.page.walk import Page

_WORD = re.compile(r"[^\W_]+")


@dataclass(slots=True)
class Counts:
    """What was met on pages."""

    pages: int = 0
    pages_without_image: int = 0
    images: int = 0  # img elements, those dropped too, without those in noscript
    images_in_noscript: int = 0
    images_with_alt: int = 0  # an alt that isn't blank
    images_with_alt_of_3_words: int = 0
    alts_in_window: int = 0  # alts that stand, compared as normalised, whole before or whole after their image
    candidates: int = 0
    languages: Counter[str] = field(default_factory=Counter)  # of pages
    drops: Counter[str] = field(default_factory=Counter)  # images, by reason
    cuts: Counter[str] = field(default_factory=Counter)  # parts of pages that were passed over, by reason


def count_images(page: Page, before: int, after: int, counts: Counts) -> None:
    """Counts the page's images, their alts, and the alts found in windows of these sizes around their images."""
    counts.pages += 1
    counts.pages_without_image += all(image.in_noscript for image in page.images)
    counts.images += page.images_beyond
    counts.drops["beyond_images_at_most"] += page.images_beyond
    asked: list[tuple[str, int, int, int]] = []
    for image in page.images:
        if image.in_noscript:
            counts.images_in_noscript += 1
            continue
        counts.images += 1
        alt = tidy(image.attributes.get("alt") or "")
        if alt:
            counts.images_with_alt += 1
            counts.images_with_alt_of_3_words += len(_WORD.findall(alt)) >= 3
            asked.append((words(alt), *window(page.text, image.offset, before, after)))
    text = Searchable(page.text, {place for _, *places in asked for place in places})
    for wanted, start, middle, end in asked:
        counts.alts_in_window += text.has(wanted, start, middle) or text.has(wanted, middle, end)
