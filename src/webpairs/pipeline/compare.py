"""Two runs on one Markdown page: the params, metrics and curves that changed between a git revision and the workspace.

`python -m webpairs.pipeline.compare BASE OUT.md`. The page fits into a comment on a pull request.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from webpairs.errors import WebpairsError
from webpairs.pipeline import command, curves, definition
from webpairs.shards import write_bytes

MAX_BYTES = 60_000
# Rows for each stage's metrics, and for each TSV; the next where the page gets too large.
CAPS = ((60, 8), (20, 8), (12, 5), (6, 3), (3, 1))

_DIGEST = re.compile("[0-9a-f]{32}|[0-9a-f]{64}")

Change = Mapping[str, Any]  # old and new, as DVC gives them


@dataclass(frozen=True)
class Comparison:
    """What changed: by params file, by metrics file, and by TSV the two texts."""

    base: str
    commit: str
    params: dict[str, dict[str, Change]]
    metrics: dict[str, dict[str, Change]]
    tables: dict[str, tuple[str, str]]
    stages: tuple[str, ...]


def collect(base: str) -> Comparison:
    """Compares the workspace with a git revision.

    Raises WebpairsError where there is no git repository, the revision doesn't exist, or DVC can't compare.
    """
    commit = _commit(base)
    return Comparison(
        base=base,
        commit=commit,
        params=_diff("params", commit),
        metrics=_diff("metrics", commit),
        tables=_tables(commit),
        stages=tuple(definition.load(Path("dvc.yaml"))),
    )


def page(comparison: Comparison) -> str:
    """The Markdown page, of less than `MAX_BYTES`."""
    found = {path: curves.changed(*texts) for path, texts in comparison.tables.items()}
    for caps in CAPS:
        text = _page(comparison, found, *caps)
        if len(text.encode()) < MAX_BYTES:
            return text
    whole = text.encode()[: MAX_BYTES - 200].decode(errors="ignore")
    return f"{whole[: whole.rindex(chr(10))]}\n\n*The page ends here because it got too large.*\n"


def _page(comparison: Comparison, found: Mapping[str, list[curves.Curve]], metrics_cap: int, curves_cap: int) -> str:
    parts = [
        "# What changed in this run",
        f"The workspace against `{_inline(comparison.base)}` (`{comparison.commit[:9]}`).",
        "## Params",
        _params_section(comparison.params),
        "## Metrics",
        _metrics_section(comparison, metrics_cap),
        "## Curves and distributions",
        _curves_section(comparison.tables, found, curves_cap),
        _speed_section(comparison),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _params_section(params: Mapping[str, Mapping[str, Change]]) -> str:
    rows = [
        (f"`{_inline(name)}`", _shown(change.get("old")), _shown(change.get("new")))
        for changes in params.values()
        for name, change in changes.items()
    ]
    return _table(("Param", "Base", "Now"), rows) if rows else "No param changed."


def _metrics_section(comparison: Comparison, cap: int) -> str:
    parts = []
    for stage in comparison.stages:
        changes = comparison.metrics.get(f"metrics/{stage}.json", {})
        if not changes:
            continue
        rows = [_metric_row(name, change) for name, change in list(changes.items())[:cap]]
        parts += [f"### {stage}", _table(("Metric", "Base", "Now", "Change"), rows)]
        if len(changes) > cap:
            parts.append(f"… and {len(changes) - cap} more: `dvc metrics diff {comparison.commit[:9]}`")
    return "\n\n".join(parts) or "No metric changed."


def _metric_row(name: str, change: Change) -> tuple[str, ...]:
    old, new = change.get("old"), change.get("new")
    return f"`{_inline(name)}`", _shown(old), _shown(new), _difference(old, new)


def _curves_section(tables: Mapping[str, tuple[str, str]], found: Mapping[str, list[curves.Curve]], cap: int) -> str:
    parts = []
    for path, (old, new) in tables.items():
        changed = found[path]
        if not changed:
            parts.append(f"`{path}`: {curves.rows(old):,} → {curves.rows(new):,} rows")
            continue
        rows = [_curve_row(curve) for curve in changed[:cap]]
        parts += [f"`{path}`", _table(("Column", "Base", "Last", "Now", "Last"), rows)]
        if len(changed) > cap:
            parts.append(f"… and {len(changed) - cap} more")
    return "\n\n".join(parts) or "No plot data changed."


def _curve_row(curve: curves.Curve) -> tuple[str, ...]:
    old, new = curves.sparklines(curve)
    last = [_shown(values[-1]) if values else "–" for values in (curve.old, curve.new)]
    return f"`{_inline(curve.name)}`", old or "–", last[0], new or "–", last[1]


def _speed_section(comparison: Comparison) -> str:
    """Seconds apart from the other metrics, folded away: they differ in every run."""
    rows = []
    for stage in comparison.stages:
        change = comparison.metrics.get(f"metrics/speed/{stage}.json", {}).get("seconds")
        if change:
            rows.append((stage, _shown(change.get("old")), _shown(change.get("new"))))
    if not rows:
        return ""
    table = _table(("Stage", "Base, s", "Now, s"), rows)
    return f"<details><summary>Seconds per stage (they differ in every run)</summary>\n\n{table}\n\n</details>"


def _difference(old: Any, new: Any) -> str:
    if not _is_number(old) or not _is_number(new):
        return "new" if old is None else "gone" if new is None else ""
    change = f"{new - old:+,.4g}" if isinstance(new - old, float) else f"{new - old:+,}"
    return f"{change} ({(new - old) / abs(old):+.1%})" if old else change


def _shown(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if _is_number(value):
        return f"{value:,}"
    text = " ".join(str(value).split())
    text = text[:12] if _DIGEST.fullmatch(text) else text if len(text) <= 120 else f"{text[:119]}…"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|").replace("@", "&#64;")


def _inline(text: str) -> str:
    return " ".join(text.replace("`", "'").replace("|", "/").split())[:120]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    aligned = ["---" if index == 0 else "--:" for index in range(len(head))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, aligned, *rows))


def _commit(base: str) -> str:
    try:
        _run("git", "rev-parse", "--git-dir")
    except subprocess.CalledProcessError:
        raise WebpairsError(
            "This folder is no git repository: the comparison needs a clone with its history."
        ) from None
    try:
        return _run("git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}").strip()
    except subprocess.CalledProcessError:
        raise WebpairsError(
            f"git knows no revision {base!r}: give BASE=<branch, tag or commit>; `git fetch` brings those of a remote."
        ) from None


def _diff(what: str, commit: str) -> dict[str, dict[str, Change]]:
    try:
        found: dict[str, dict[str, Change]] = json.loads(
            _run(sys.executable, "-m", "dvc", what, "diff", "--json", commit)
        )
    except subprocess.CalledProcessError as error:
        raise WebpairsError(f"dvc {what} diff failed: {error.stderr.strip()}") from None
    return {path: _in_order(Path(path), found[path]) for path in sorted(found)}


def _in_order(path: Path, changes: Mapping[str, Change]) -> dict[str, Change]:
    """The changes in the order of the file, which DVC forgets; less nested ones first, and what is gone last."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    places = {name: place for place, name in enumerate(_names(yaml.safe_load(text)))}
    last = len(places)
    return {name: changes[name] for name in sorted(changes, key=lambda n: (n.count("."), places.get(n, last), n))}


def _names(value: Any, prefix: str = "") -> Iterator[str]:
    """The names of all values, as DVC writes them: levels apart by dots."""
    if not isinstance(value, Mapping):
        yield prefix
        return
    for name, item in value.items():
        yield from _names(item, f"{prefix}.{name}" if prefix else str(name))


def _tables(commit: str) -> dict[str, tuple[str, str]]:
    """The texts of every TSV under metrics/ that differs, in the base and now; "" where there is none."""
    here = {path.as_posix() for path in Path("metrics").rglob("*.tsv")}
    listed = _run("git", "ls-tree", "-r", "-z", "--name-only", commit, "--", "metrics/").split("\0")
    there = {path for path in listed if path.endswith(".tsv")}
    texts = {
        path: (
            _run("git", "show", f"{commit}:./{path}") if path in there else "",
            Path(path).read_text(encoding="utf-8") if path in here else "",
        )
        for path in sorted(here | there)
    }
    return {path: both for path, both in texts.items() if both[0] != both[1]}


def _run(*arguments: str) -> str:
    return subprocess.run(arguments, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m webpairs.pipeline.compare", description=__doc__)
    parser.add_argument("base", help="branch, tag or commit to compare with")
    parser.add_argument("out", type=Path, help="the Markdown file to write")
    given = parser.parse_args(arguments)
    write_bytes(given.out, page(collect(given.base)).encode())
    return 0


if __name__ == "__main__":
    command.run(main)
