"""Which code a stage runs, read off its imports: DVC does not see them, so that its deps must name every file.

`python -m webpairs.pipeline.closure` lists what is wrong in dvc.yaml; with `--write` it mends the code deps there.
"""

import argparse
import ast
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from webpairs.errors import WebpairsError
from webpairs.pipeline import command, definition

SOURCE = PurePosixPath("src")
STAGES = PurePosixPath("stages")
# Of files or folders, maybe with `*`; it must hold more than stars and dots.
NAME = re.compile(r"(?=.*\w)[\w.*-]+(/[\w.*-]+)*")
MODULE = re.compile(r"webpairs(\.\w+)*")


def closure(root: Path, stage: str) -> list[str]:
    """All of this repository's files that `stages/<stage>.py` runs or reads beside its data, sorted, itself included.

    These are the modules that it imports, directly or not, with the `__init__.py` of each package above them; modules
    whose name stands there as a text (`files("webpairs.report")`); and files or folders that lie beside a module and
    are named there (`Path(__file__).with_name("page.html")`). Paths are relative to the root, with slashes.

    Raises WebpairsError where the stage's file is missing or isn't Python.
    """
    start = (STAGES / f"{stage}.py").as_posix()
    found: set[str] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.endswith(".py"):
            waiting.extend(_needed(root, path))
    return sorted(found)


def missing(dvc_yaml: Path, stage: str) -> list[str]:
    """The files of the stage's closure that none of its declared deps covers."""
    declared = _declared(dvc_yaml, stage)
    needed = closure(dvc_yaml.parent, stage)
    return [path for path in needed if not any(definition.covers(dep, path) for dep in declared)]


def superfluous(dvc_yaml: Path, stage: str) -> list[str]:
    """The declared code deps that are no part of the stage's closure, or folders that hold modules that are not."""
    needed = closure(dvc_yaml.parent, stage)
    return [dep for dep in _declared(dvc_yaml, stage) if not _justified(dvc_yaml.parent, dep, needed)]


def declaration(root: Path, stage: str) -> list[str]:
    """The code deps to declare: the stage's file, then its closure, whole packages as one folder."""
    own = (STAGES / f"{stage}.py").as_posix()
    needed = [path for path in closure(root, stage) if path != own]
    packages = {parent.as_posix() for path in needed for parent in PurePosixPath(path).parents}
    whole = [folder for folder in sorted(packages) if _is_package(root, folder) and _justified(root, folder, needed)]
    folders = [
        folder for folder in whole if not any(outer != folder and definition.covers(outer, folder) for outer in whole)
    ]
    files = [path for path in needed if not any(definition.covers(folder, path) for folder in folders)]
    return [own, *sorted(files + folders)]


def rewritten(dvc_yaml: Path) -> str:
    """The text of dvc.yaml with the code deps of every stage as `declaration` has them, and all else as it stands."""
    settings = definition.editor()
    document: Any = settings.load(dvc_yaml.read_text(encoding="utf-8"))
    for name, entry in document["stages"].items():
        code = declaration(dvc_yaml.parent, name)
        if "deps" not in entry:
            position = list(entry).index("cmd") + 1 if "cmd" in entry else 0
            entry.insert(position, "deps", settings.seq([]))
        deps = entry["deps"]
        for index in reversed(range(len(deps))):
            if definition.is_code(definition.path_of(deps[index])):
                deps.pop(index)
        for index, path in enumerate(code):
            deps.insert(index, path)
    return definition.dumped(settings, document)


def _needed(root: Path, path: str) -> Iterator[str]:
    try:
        names, patterns = _mentioned((root / path).read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise WebpairsError(f"{path} is missing: every stage of dvc.yaml needs its file there.") from None
    except SyntaxError as error:
        raise WebpairsError(f"{path} is not Python: {error}") from None
    for name in names:
        yield from _files(root, name)
    for pattern in patterns:
        yield from _beside(root, path, pattern)


@lru_cache(maxsize=1024)
def _mentioned(source: str, path: str) -> tuple[list[str], list[str]]:
    """The dotted names that a module may import, and the texts in it that may name files beside it."""
    nodes = list(ast.walk(ast.parse(source)))
    patterns = {re.sub(r"\*+", "*", _pattern(node)) for node in nodes}
    names = {name for node in nodes for name in _names(node, path)}
    return sorted(names), sorted(pattern for pattern in patterns if NAME.fullmatch(pattern) and ".." not in pattern)


def _names(node: ast.AST, path: str) -> Iterator[str]:
    """The dotted names that a node may import; those that are no module of this repository fall away later."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = ".".join([*_package(path, node.level), *([node.module] if node.module else [])])
        yield base
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and MODULE.fullmatch(node.value):
        yield node.value


def _package(path: str, level: int) -> tuple[str, ...]:
    """The package that a relative import of this level starts from; nothing for an absolute import."""
    if level == 0:
        return ()
    folder = PurePosixPath(path).parent
    inside = folder.relative_to(SOURCE) if folder.is_relative_to(SOURCE) else folder
    return inside.parts[: len(inside.parts) - (level - 1)]


def _files(root: Path, name: str) -> Iterator[str]:
    """The file of a module of this name and the `__init__.py` of every package above it; nothing for other names."""
    parts = name.split(".")
    if parts[0] != "webpairs":
        return
    for length in range(1, len(parts) + 1):
        place = SOURCE.joinpath(*parts[:length])
        for file in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if (root / file).is_file():
                yield file.as_posix()


def _pattern(node: ast.AST) -> str:
    """The text that a node stands for, as a glob pattern: what an f-string fills in may be anything."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part) or "*" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _beside(root: Path, path: str, pattern: str) -> Iterator[str]:
    """The data files and folders beside a module that a text in it names."""
    folder = PurePosixPath(path).parent
    if not folder.is_relative_to(SOURCE):
        return
    for place in sorted((root / folder).glob(pattern)):
        if place.suffix == ".py" or place.name == "__pycache__":
            continue
        if place.is_file() or not any(place.rglob("*.py")):
            yield place.relative_to(root).as_posix()


def _declared(dvc_yaml: Path, stage: str) -> list[str]:
    stages = definition.load(dvc_yaml)
    if stage not in stages:
        raise WebpairsError(f"{dvc_yaml} has no stage {stage!r}; it has {', '.join(stages)}.")
    return [dep for dep in stages[stage].deps if definition.is_code(dep)]


def _is_package(root: Path, folder: str) -> bool:
    return folder != "src/webpairs" and (root / folder / "__init__.py").is_file()


def _justified(root: Path, dep: str, needed: list[str]) -> bool:
    place = root / dep
    if not place.is_dir():
        return dep in needed
    modules = [file.relative_to(root).as_posix() for file in place.rglob("*.py")]
    return dep in needed or (bool(modules) and set(modules) <= set(needed))


def _problems(dvc_yaml: Path) -> list[str]:
    problems = []
    for stage in definition.load(dvc_yaml):
        problems += [f"{stage}: {path} is imported but no declared dep" for path in missing(dvc_yaml, stage)]
        problems += [f"{stage}: {path} is declared but not imported" for path in superfluous(dvc_yaml, stage)]
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line: 1 where dvc.yaml and the imports disagree, unless `--write` mends it."""
    parser = argparse.ArgumentParser(prog="python -m webpairs.pipeline.closure", description=__doc__)
    parser.add_argument("--write", action="store_true", help="rewrite the code deps in dvc.yaml")
    dvc_yaml = Path("dvc.yaml")
    if parser.parse_args(arguments).write:
        definition.load(dvc_yaml)
        changed = definition.write_if_changed(dvc_yaml, rewritten(dvc_yaml))
        print("dvc.yaml: code deps rewritten" if changed else "dvc.yaml: nothing to change")
        return 0
    problems = _problems(dvc_yaml)
    for problem in problems:
        print(problem)
    if problems:
        print("`make docs` mends it")
    return 1 if problems else 0


if __name__ == "__main__":
    command.run(main)
