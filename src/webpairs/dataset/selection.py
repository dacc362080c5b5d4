"""Which pairs make the dataset: rules over scores, each drop with its reason.

The best pair is taken first, and takes its image and its text with it: every image is in the dataset once, and so is
every text. The same sentence under several images is mostly said of none of them ("click to enlarge", a slogan), and
where it does describe them, one is as good as all for learning from it.
"""

import hashlib
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Chosen:
    """The chosen rows with the columns `text` and `score` besides their own, best first; and why the others aren't."""

    kept: pl.DataFrame
    drops: dict[str, int]


def choose(scores: pl.DataFrame, min_clip: float, top_n: int | None, method: str = "description") -> Chosen:
    """The best `top_n` pairs (all where it is None) of image and description, or alt, that score at least `min_clip`.

    Reasons for a drop, in the order of asking: no_text, below_min_clip, duplicate_image, duplicate_text (without regard
    to case and white space), beyond_top_n. Ties go by candidate_id.
    """
    worded = scores.with_columns(text=pl.col(method), score=pl.col(f"{method}_score")).drop_nulls("score")
    fitting = worded.filter(pl.col("score") >= min_clip).sort(["score", "candidate_id"], descending=[True, False])
    drops = {"no_text": scores.height - worded.height, "below_min_clip": worded.height - fitting.height}
    drops |= {"duplicate_image": 0, "duplicate_text": 0}
    seen_images: set[str] = set()
    seen_texts: set[str] = set()
    unique = []
    for row, (image, text) in enumerate(fitting.select("sha256", "text").iter_rows()):
        words = " ".join(text.casefold().split())
        if image in seen_images:
            drops["duplicate_image"] += 1
        elif words in seen_texts:
            drops["duplicate_text"] += 1
        else:
            seen_images.add(image)
            seen_texts.add(words)
            unique.append(row)
    best = unique[:top_n]
    drops["beyond_top_n"] = len(unique) - len(best)
    return Chosen(fitting[best], drops)


def why_none(scores: pl.DataFrame, min_clip: float) -> str:
    """Why no pair could be chosen, and what to do."""
    found = scores["description_score"].drop_nulls().to_list()
    if not found:
        return (
            f"None of {scores.height} candidates with an image has a description: metrics/describe.json says what "
            "became of them. Train the span model on more examples, or lower describe.min_confidence in params.yaml."
        )
    return (
        f"No pair scores at least select.min_clip = {min_clip:g}: the best of {len(found)} descriptions scores "
        f"{max(found):.4f}. Lower select.min_clip in params.yaml, or give archives with more descriptions."
    )


def split(sha256: str, holdout_share: float, seed: int) -> str:
    """`holdout` or `train`, by the image's bytes: whatever else is selected, an image stays where it is."""
    digest = hashlib.sha256(f"{seed}:{sha256}".encode()).digest()
    return "holdout" if int.from_bytes(digest[:8], "big") < holdout_share * 2**64 else "train"
