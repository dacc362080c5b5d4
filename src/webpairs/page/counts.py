"""What is counted on pages."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """What was met on pages."""

    pages: int = 0
    pages_without_text: int = 0  # of which a WAT tells the links alone
    pages_without_image: int = 0  # without an img element, but for those in noscript
    images: int = 0  # img elements, those dropped too, without those in noscript
    images_in_noscript: int = 0
    images_with_alt: int = 0  # an alt that isn't blank
    images_with_alt_of_3_words: int = 0
    alts_in_window: int = 0  # alts that stand, compared as normalised, whole before or whole after their image
    images_found: int = 0  # that pages show or name in any way; each is a candidate, a repeat or a drop
    candidates: int = 0
    repeats: int = 0  # images that show what an earlier one on the page shows
    replacement_characters: int = 0  # bytes that made no sense in the page's charset
    pages_with_replacements: int = 0
    pages_with_opt_out: int = 0
    elements: Counter[str] = field(default_factory=Counter)  # of candidates: img, poster, og:image, …
    attributes: Counter[str] = field(default_factory=Counter)  # of candidates: where their first URL stood
    texts: Counter[str] = field(default_factory=Counter)  # of candidates, by source
    charsets: Counter[str] = field(default_factory=Counter)  # of pages: who named the charset
    languages: Counter[str] = field(default_factory=Counter)  # of pages
    drops: Counter[str] = field(default_factory=Counter)  # images, by reason
    urls_unresolved: Counter[str] = field(default_factory=Counter)  # by reason; an image may have others
    cuts: Counter[str] = field(default_factory=Counter)  # parts of pages that were passed over, by reason
