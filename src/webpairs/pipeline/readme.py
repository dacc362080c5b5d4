"""The parts of README.md that are made from dvc.yaml and params.yaml: two tables, and the figure docs/dag.svg.

`python -m webpairs.pipeline.readme` renews them; with `--check` it changes nothing, and exits 1 naming the stale ones.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from webpairs.errors import WebpairsError
from webpairs.pipeline import command, dag, definition

README = Path("README.md")
FIGURE = Path("docs/dag.svg")


@dataclass(frozen=True)
class Param:
    """One param as the file shows it: its dotted name, its value as written there, and the comment beside it."""

    name: str
    value: str
    comment: str


def stages_table(stages: Iterable[definition.Stage]) -> str:
    """A Markdown table: what each stage reads, writes and measures."""
    rows = [
        (f"**{stage.name}**", _code(_short(stage.reads)), _code(stage.makes), _code(stage.measures)) for stage in stages
    ]
    return _table(("Stage", "Reads", "Writes", "Measures"), rows)


def params_table(params_yaml: str) -> str:
    """A Markdown table of all params by section, each with its default and the comment that stands beside it."""
    rows: list[tuple[str, ...]] = []
    section = ""
    for param in params(params_yaml):
        head = param.name.partition(".")[0]
        if head != section:
            section = head
            rows.append((f"**{section}**", "", _section_comment(params_yaml, section)))
            if param.name == section:
                continue
        rows.append((_code([param.name]), _code([param.value]), _escaped(param.comment)))
    return _table(("Param", "Default", ""), rows)


def params(params_yaml: str) -> list[Param]:
    """All params of the file's text in its order. Raises WebpairsError where it is not a YAML mapping."""
    return list(_params(params_yaml, _root(params_yaml), ()))


def replaced(text: str, name: str, content: str) -> str:
    """The text with what stands between `<!-- name:begin -->` and `<!-- name:end -->` replaced by the content.

    Raises WebpairsError where one of the two is missing or they stand in the wrong order.
    """
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not (found and closed):
        raise WebpairsError(f"README.md needs the markers {begin} and {end}, in this order, around the table.")
    return f"{head}{begin}\n\n{content}\n\n{end}{tail}"


def fresh(root: Path) -> dict[Path, str]:
    """README.md and docs/dag.svg as they should be, by their paths below the root."""
    stages = definition.load(root / "dvc.yaml")
    text = (root / README).read_text(encoding="utf-8")
    text = replaced(text, "stages", stages_table(stages.values()))
    text = replaced(text, "params", params_table((root / "params.yaml").read_text(encoding="utf-8")))
    return {README: text, FIGURE: dag.svg(stages)}


def stale(root: Path) -> list[str]:
    """The names of the parts that are not as they should be."""
    parts = fresh(root)
    text = (root / README).read_text(encoding="utf-8")
    found = [
        f"{README}, table {name}"
        for name in ("stages", "params")
        if _between(text, name) != _between(parts[README], name)
    ]
    figure = root / FIGURE
    if not figure.exists() or figure.read_text(encoding="utf-8") != parts[FIGURE]:
        found.append(str(FIGURE))
    return found


def _root(text: str) -> yaml.MappingNode:
    try:
        root = yaml.compose(text)
    except yaml.YAMLError as error:
        raise WebpairsError(f"params.yaml is not YAML: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise WebpairsError("params.yaml holds no sections: restore it with git.")
    return root


def _params(text: str, node: yaml.MappingNode, names: tuple[str, ...]) -> Iterator[Param]:
    for key, value in node.value:
        path = (*names, key.value)
        if isinstance(value, yaml.MappingNode) and not value.flow_style:
            yield from _params(text, value, path)
            continue
        written, end = _written(text, value)
        yield Param(".".join(path), written, _comment(text, end, key.start_mark.column))


def _written(text: str, node: yaml.Node) -> tuple[str, yaml.Mark]:
    """A value as the file writes it, and where it ends; a block list as a flow list, since it goes into one cell."""
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return f"[{', '.join(_written(text, item)[0] for item in node.value)}]", node.value[-1].end_mark
    return " ".join(text[node.start_mark.index : node.end_mark.index].split()), node.end_mark


def _section_comment(text: str, section: str) -> str:
    root = _root(text)
    key = next(key for key, _ in root.value if key.value == section)
    return _escaped(_comment(text, key.end_mark, key.start_mark.column))


def _comment(text: str, mark: yaml.Mark, column: int) -> str:
    """The comment on the rest of the line, and the comment lines below it that stand further in than the key's column;
    those at this column are about the next key.
    """
    lines = text.splitlines()
    rest = lines[mark.line][mark.column :] if mark.line < len(lines) else ""
    before, sharp, comment = rest.partition("#")
    if not sharp or before.strip(" :"):
        return ""
    parts = [comment.strip()]
    for line in lines[mark.line + 1 :]:
        stripped = line.lstrip()
        if not stripped.startswith("#") or len(line) - len(stripped) <= column:
            break
        parts.append(stripped.lstrip("# ").strip())
    return " ".join(parts)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _code(texts: Iterable[str]) -> str:
    return "<br>".join(f"`{text}`".replace("|", "\\|") for text in texts)


def _short(paths: Sequence[str]) -> list[str]:
    """The paths, with one `metrics/*` for those of a stage that reads many metrics."""
    metrics = [path for path in paths if definition.covers(definition.METRICS, path)]
    if len(metrics) <= 3:
        return list(paths)
    return [*(path for path in paths if path not in metrics), f"{definition.METRICS}/*"]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def _between(text: str, name: str) -> str:
    return text.partition(f"<!-- {name}:begin -->")[2].partition(f"<!-- {name}:end -->")[0]


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; 1 where `--check` finds something stale."""
    parser = argparse.ArgumentParser(prog="python -m webpairs.pipeline.readme", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where something is stale")
    root = Path()
    if parser.parse_args(arguments).check:
        found = stale(root)
        for part in found:
            print(f"{part}: stale; `make docs` renews it")
        return 1 if found else 0
    for path, content in fresh(root).items():
        if definition.write_if_changed(root / path, content):
            print(f"{path}: renewed")
    return 0


if __name__ == "__main__":
    command.run(main)
