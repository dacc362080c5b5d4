"""The dataset's card: what is in it, how it was chosen, and how to read it."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from webpairs import records

_FIELDS = {
    "key": "name of the pair's members in its tar, and the id of the candidate that it was",
    "split": "`train` or `holdout`; decided by the image's bytes",
    "tar": "the tar that it is in",
    "text": "the description, as it stands on the page",
    "score": "cosine of image and text by the CLIP named above",
    "candidate_id": "the id that `data/candidates` and all later tables know it by",
    "archive": "name of the web archive that the page was read from",
    "page_url": "the page",
    "domain": "the page's registered domain",
    "image_url": "the image, as the page names it",
    "sha256": "of the image's bytes",
    "width": "pixels",
    "height": "pixels",
    "alt": "the alt text on the page; null where there was none",
    "alt_score": "cosine of image and alt text",
    "confidence": "the probability that the text is right, by the span model, calibrated on sites to validate with",
    "span_confidence": "the probability of just this text among all, by the span model",
}


def card(pairs: pl.DataFrame, min_clip: float, top_n: int, clip: Mapping[str, Any], considered: int) -> str:
    """The card as Markdown: of pairs (records.PAIRS), chosen among `considered` candidates whose image was kept."""
    counts = dict(pairs.group_by("split").len().iter_rows())
    sides = f"{counts.get('train', 0)} train, {counts.get('holdout', 0)} holdout"
    spread = [_number(pairs["score"].quantile(point)) for point in (0, 0.5, 1)]
    lines = [
        "# Images with descriptions from the web",
        "",
        f"{pairs.height} pairs ({sides}) of an image and a text that describes it, from {pairs['domain'].n_unique()}",
        "domains, made by webpairs. The texts were found in the pages by a span model; they are their authors' words,",
        "neither shortened nor rewritten.",
        "",
        "## How they were chosen",
        "",
        f"- Of {considered} candidates those with a CLIP score of at least {min_clip:g}; the best {top_n} at most.",
        "- Every image (by its bytes) and every text (regardless of case and spaces) is here once, in its best pair.",
        f"- Scores by the CLIP `{clip['name']}`{_revision(clip)}: lowest {spread[0]}, median {spread[1]},",
        f"  highest {spread[2]}.",
        *_stand_in(clip),
        "",
        "## Fields",
        "",
        "Each pair is three members of a tar: `<key>.<extension>`, the image as it was found; `<key>.txt`, its text;",
        "`<key>.json`, its row of pairs.parquet:",
        "",
        "| Field | Meaning |",
        "|---|---|",
        *(f"| {name} | {_FIELDS[name]} |" for name in records.PAIRS),
        "",
        "## How to load them",
        "",
        "```python",
        "import glob, io, PIL.Image, webdataset",
        "",
        'for pair in webdataset.WebDataset(sorted(glob.glob("train-*.tar")), shardshuffle=False):',
        '    extension = next(name for name in pair if name not in ("txt", "json") and not name.startswith("__"))',
        '    print(PIL.Image.open(io.BytesIO(pair[extension])).size, pair["txt"].decode())',
        "```",
        "",
        "## Rights",
        "",
        "Images and texts belong to their authors: `page_url` and `image_url` say where each comes from. No licence is",
        "given or implied here, and nothing was filtered for content beyond what stands above.",
    ]
    return "\n".join(lines) + "\n"


def _revision(clip: Mapping[str, Any]) -> str:
    return f", revision `{clip['revision']}`" if clip.get("revision") else ""


def _stand_in(clip: Mapping[str, Any]) -> list[str]:
    if not clip.get("stand_in"):
        return []
    return [
        "- **This CLIP is a stand-in**, grown on drawings to try the pipeline out: its scores say nothing about",
        "  photographs, and a dataset that it chose is of no other use.",
    ]


def _number(value: Any) -> str:
    return "none" if value is None else f"{value:.3f}"
