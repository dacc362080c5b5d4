"""What a text calls a picture by its number, as captions and the text that speaks of them do: Figure 3.1, Plate 12."""

import re
from collections.abc import Iterator

_KINDS = (
    "fig",
    "figs",
    "figure",
    "figures",
    "figura",
    "plate",
    "plates",
    "picture",
    "photo",
    "photograph",
    "image",
    "illustration",
    "map",
    "diagram",
    "chart",
    "exhibit",
    "no",
    "nr",
    "abb",
    "abbildung",
    "bild",
    "foto",
    "tafel",
    "planche",
    "lámina",
)
_REFERENCE = re.compile(rf"\b({'|'.join(_KINDS)})\b\.?\s*(\d+(?:[.–-]\d+)*[a-z]?)\b", re.IGNORECASE)
_KIND_LETTERS = 3  # Fig. 3 and Figure 3 are the same


def references(text: str) -> Iterator[tuple[str, int]]:
    """Yields, of each reference to a numbered picture, its name, which is the same however it's written, and where it
    begins in the text.
    """
    for found in _REFERENCE.finditer(text):
        number = re.sub("[–-]", ".", found[2].lower())
        yield f"{found[1].lower()[:_KIND_LETTERS]} {number}", found.start()
