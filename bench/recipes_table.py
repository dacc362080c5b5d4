"""The recipes of the span model as the README's tables: means over seeds, with the spread between them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

BEGIN, END = "<!-- generated: recipes -->", "<!-- end: recipes -->"

# Columns of bench/recipes.tsv and their headings, a table each: all in one would be wider than a screen.
_TABLES = (
    {
        "validation_page_f1": "validation page F1",
        "truth_text_f1": "truth text F1",
        "truth_page_f1": "page F1",
        "truth_deep_f1": "deep F1",
        "truth_none_precision": "none P",
        "truth_none_recall": "none R",
        "truth_content_none_precision": "content: none P",
        "truth_content_none_recall": "none R",
        "truth_unsure": "unsure",
    },
    {
        "gold_validation_page_f1": "gold validation page F1",
        "gold_text_f1": "gold text F1",
        "gold_sites_f1": "mean of sites",
        "gold_page_f1": "page F1",
        "gold_none_precision": "none P",
        "gold_none_recall": "none R",
        "gold_unsure": "unsure",
    },
    {
        "gold_caption_f1": "gold: captions",
        "gold_label_f1": "labels",
        "gold_heading_f1": "headings",
        "gold_sentence_f1": "sentences",
    },
    {
        "silver_exact_match": "silver EM",
        "silver_iou": "IoU",
        "silver_f1": "F1",
        "silver_deep_f1": "deep F1",
        "calibration_error": "ECE",
        "calibration_error_by_chance": "by chance",
        "truth_calibration_error": "truth ECE",
        "truth_calibration_error_by_chance": "by chance",
        "gold_calibration_error": "gold ECE",
        "gold_calibration_error_by_chance": "by chance",
    },
)

Row = Mapping[str, Any]


def tables(runs: Sequence[Row]) -> str:
    """Markdown, in each table a row a recipe that has numbers for it, in the order of `runs`.

    Of several seeds the mean, and half the range; a table counts the seeds that it has numbers of.
    """
    shown = [{name: heading for name, heading in columns.items() if _is_known(name, runs)} for columns in _TABLES]
    return "\n\n".join(_table(runs, in_order(runs), columns) for columns in shown if columns)


def in_order(runs: Sequence[Row]) -> list[str]:
    """Names of the recipes: the two main ones, those that change one thing, and last what takes no training."""
    names = dict.fromkeys(row["recipe"] for row in runs)
    return sorted(names, key=lambda name: (name.startswith("("), name not in ("thesis", "default")))


def _is_known(name: str, runs: Sequence[Row]) -> bool:
    return any(row.get(name) is not None for row in runs)


def _table(runs: Sequence[Row], order: Sequence[str], columns: Mapping[str, str]) -> str:
    lines = [
        "| " + " | ".join(["", "seeds", *columns.values()]) + " |",
        "|---|" + "--:|" * (len(columns) + 1),
    ]
    for name in order:
        own = [row for row in runs if row["recipe"] == name and any(row.get(column) is not None for column in columns)]
        if not own:
            continue
        seeds = "" if name.startswith("(") else str(len(own))
        cells = [_cell([row[column] for row in own if row.get(column) is not None]) for column in columns]
        lines.append("| " + " | ".join([f"**{name}**" if name == "default" else name, seeds, *cells]) + " |")
    return "\n".join(lines)


def renew(readme: Path, runs: Sequence[Row]) -> str:
    """Puts the tables between its markers in the README, and returns them. Raises ValueError where they are missing."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme.name} needs the markers {BEGIN} and {END}, in this order, around the tables.")
    made = tables(runs)
    readme.write_text(f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}", encoding="utf-8")
    return made


def _cell(values: Sequence[float]) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{mean(values):.2f} ± {(max(values) - min(values)) / 2:.2f}"
