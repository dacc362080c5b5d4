"""How many pairs descriptions give, and alt texts, at thresholds of CLIP; and how many of them are right."""

from typing import Any

import polars as pl

from webpairs.dataset.selection import choose
from webpairs.evaluation.pairs import METHODS
from webpairs.evaluation.spans import RIGHT_IOU, text_iou

YIELD = ("method", "min_clip", "pairs", "right")
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.28, 0.3, 0.35, 0.4)


def yields(scores: pl.DataFrame, truth: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows of YIELD: how many pairs each method would give, selected by the same rules, and what share is right.

    Right is what has the true description (records.TRUTH) of its image, by an IoU of at least 0.5 as bags of words; no
    text is right for an image without description, such as an icon. Pairs whose truth isn't known don't count; the
    share is null where none is known.
    """
    nothing = pl.col("place") == "nowhere"
    told = truth.with_columns(true=pl.when(nothing).then(pl.lit("")).otherwise("description"))
    known = told.explode("urls").select("page_url", "true", image_url="urls")
    true = known.unique(["page_url", "image_url"], keep="first", maintain_order=True)
    rows = []
    for method in METHODS:
        for threshold in THRESHOLDS:
            kept = choose(scores, threshold, None, method).kept
            judged = kept.join(true, ["page_url", "image_url"], maintain_order="left")
            right = [text_iou(*both) >= RIGHT_IOU for both in judged.select("text", "true").iter_rows()]
            share = sum(right) / len(right) if right else None
            rows.append({"method": method, "min_clip": threshold, "pairs": kept.height, "right": share})
    return rows
