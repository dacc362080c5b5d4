"""The recipes of the span model as the README's table: means over seeds, with the spread between them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

BEGIN, END = "<!-- generated: recipes -->", "<!-- end: recipes -->"

# Column of bench/recipes.tsv, and its heading.
_COLUMNS = {
    "validation_page_f1": "validation page F1",
    "silver_exact_match": "silver EM",
    "silver_iou": "IoU",
    "truth_text_f1": "truth text F1",
    "truth_page_f1": "page F1",
    "truth_deep_f1": "deep F1",
    "truth_none_precision": "none P",
    "truth_none_recall": "none R",
    "truth_unsure": "unsure",
    "gold_text_f1": "gold text F1",
    "gold_page_f1": "page F1",
    "gold_none_precision": "none P",
    "gold_none_recall": "none R",
    "gold_unsure": "unsure",
    "calibration_error": "ECE",
}

Row = Mapping[str, Any]


def table(runs: Sequence[Row]) -> str:
    """Markdown, a row a recipe in the order of `runs`; of several seeds the mean, and half the range."""
    names = list(dict.fromkeys(row["recipe"] for row in runs))
    order = sorted(names, key=lambda name: (name.startswith("("), name not in ("thesis", "default")))
    columns = {name: heading for name, heading in _COLUMNS.items() if any(row.get(name) is not None for row in runs)}
    lines = [
        "| " + " | ".join(["", "seeds", *columns.values()]) + " |",
        "|---|" + "--:|" * (len(columns) + 1),
    ]
    for name in order:
        own = [row for row in runs if row["recipe"] == name]
        seeds = "" if name.startswith("(") else str(len(own))
        cells = [_cell([row[column] for row in own if row.get(column) is not None]) for column in columns]
        lines.append("| " + " | ".join([f"**{name}**" if name == "default" else name, seeds, *cells]) + " |")
    return "\n".join(lines)


def renew(readme: Path, runs: Sequence[Row]) -> str:
    """Puts the table between its markers in the README, and returns it. Raises ValueError where they are missing."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{readme.name} needs the markers {BEGIN} and {END}, in this order, around the table.")
    made = table(runs)
    readme.write_text(f"{head}{BEGIN}\n\n{made}\n\n{END}{tail}", encoding="utf-8")
    return made


def _cell(values: Sequence[float]) -> str:
    if not values:
        return ""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{mean(values):.2f} ± {(max(values) - min(values)) / 2:.2f}"
