"""The recipes of the span model as a figure, docs/recipes.svg: a dot a run, to see a gain beside what is chance."""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from markupsafe import Markup

from bench.recipes_table import in_order
from webpairs.report import canvas
from webpairs.report.canvas import Scale

# Columns of bench/recipes.tsv, a panel each.
PANELS = {
    "truth_text_f1": "truth, text F1",
    "truth_page_f1": "truth, page F1",
    "truth_deep_f1": "truth, deep F1",
    "gold_text_f1": "gold, text F1",
    "gold_page_f1": "gold, page F1",
}
_NAMES, _PANEL, _GAP, _ROW, _TOP, _BOTTOM = 178, 146, 18, 22, 30, 40
_STYLE = """
  text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; font-size: 11.5px; }
  .name { fill: #1f2328; } .main { fill: #1f2328; font-weight: 600; } .tick { fill: #59636e; }
  .grid { stroke: #d8dee4; } .mean { stroke: #1f2328; stroke-width: 1.6; }
  .band { fill: #5b8fc7; fill-opacity: .16; } .run { fill: #2f6690; fill-opacity: .75; }
  .baseline { fill: #8b949e; }
  @media (prefers-color-scheme: dark) {
    .name, .main { fill: #e6edf3; } .tick { fill: #9da7b3; } .grid { stroke: #2d323b; } .mean { stroke: #e6edf3; }
    .run { fill: #6aa7d6; }
  }
"""

Row = Mapping[str, Any]


def svg(runs: Sequence[Row]) -> str:
    """Rows of recipes in the tables' order, panels beside each other, and in each the default's range as a band."""
    names = in_order(runs)
    panels = {column: title for column, title in PANELS.items() if any(row.get(column) is not None for row in runs)}
    height = _TOP + len(names) * _ROW + _BOTTOM
    width = _NAMES + len(panels) * (_PANEL + _GAP)
    parts = [
        canvas.text(_NAMES - 12, _middle(index) + 4, name, "main" if name == "default" else "name", "end")
        for index, name in enumerate(names)
    ]
    for index, (column, title) in enumerate(panels.items()):
        parts += _panel(runs, names, column, title, _NAMES + index * (_PANEL + _GAP))
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    label = "F1 of each recipe of the span model, a dot a run"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{label}">\n<style>{_STYLE}</style>'
    note = "A dot a run; a stroke the mean of several; the band is the default's range. Grey: what takes no training."
    foot = canvas.text(_NAMES, height - 6, note, "tick", "start")
    return "\n".join([head, *parts, foot, "</svg>"]) + "\n"


def _panel(runs: Sequence[Row], names: Sequence[str], column: str, title: str, left: float) -> list[Markup]:
    values = {
        name: [row[column] for row in runs if row["recipe"] == name and row.get(column) is not None] for name in names
    }
    highest = max(value for own in values.values() for value in own)
    x = Scale(0.0, max(highest * 1.05, 0.1), left, left + _PANEL)
    bottom = _TOP + len(names) * _ROW
    parts = [canvas.text(left, _TOP - 14, title, "main", "start")]
    if own := values.get("default"):
        parts.append(canvas.rect(x(min(own)), _TOP - 4, max(x(max(own)) - x(min(own)), 1), bottom - _TOP + 4, "band"))
    for tick in x.ticks(4):
        parts += [
            canvas.line(x(tick), _TOP - 4, x(tick), bottom, "grid"),
            canvas.text(x(tick), bottom + 14, canvas.label(tick)),
        ]
    for index, name in enumerate(names):
        y = _middle(index)
        kind = "baseline" if name.startswith("(") else "run"
        parts += [canvas.circle(x(value), y, 4, kind, f"{name}: {value:.3f}") for value in values[name]]
        if len(values[name]) > 1:
            middle = x(mean(values[name]))
            parts.append(canvas.line(middle, y - 8, middle, y + 8, "mean"))
    return parts


def _middle(index: int) -> float:
    return _TOP + index * _ROW + _ROW / 2
