"""Windows without the sentences that describe their image: the same page, had nobody described it."""

from webpairs.page.normalise import find
from webpairs.span.paraphrases import closest, sentences

_SAID_AGAIN = 0.5  # of a text's words, what no sentence has that is left


def without_description(before: str, after: str, span: tuple[int, int], alt: str) -> tuple[str, str] | None:
    """The text before and after an image without the sentences that the span of before + after touches.

    A block that holds nothing else goes whole. None where what is left still says what the span says, or the alt text.
    """
    window, image = before + after, len(before)
    start, end = span
    touched = [one for one in sentences(before, after) if one[0] < end and one[1] > start]
    start, end = min(start, *(one[0] for one in touched)), max(end, *(one[1] for one in touched))
    side = (0, image) if span[1] <= image else (image, len(window))
    is_block = start == side[0] or window[start - 1] == "\n"
    if end < side[1] and (window[end] == " " or (window[end] == "\n" and is_block)):
        end += 1
    if span[1] <= image:
        before = before[:start] + before[end:]
    else:
        after = after[: start - image] + after[end - image :]
    for text in {window[span[0] : span[1]], alt}:
        best, _ = closest(text, before, after)
        if text and (find(text, before) or find(text, after) or (best is not None and best.share >= _SAID_AGAIN)):
            return None
    return before, after
