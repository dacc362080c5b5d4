"""What dvc.yaml declares, as plain values; and a round trip through it that keeps comments and order."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from ruamel.yaml import YAML

from webpairs.errors import WebpairsError
from webpairs.shards import write_bytes

CODE = ("src", "stages")
METRICS = "metrics"


@dataclass(frozen=True)
class Stage:
    """One stage of dvc.yaml; paths are as they stand there, in their order."""

    name: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    metrics: tuple[str, ...]
    plots: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The deps that are data, not code."""
        return tuple(path for path in self.deps if not is_code(path))

    @property
    def makes(self) -> tuple[str, ...]:
        """The outs that are data, models or pages."""
        return tuple(path for path in self.outs if not covers(METRICS, path))

    @property
    def measures(self) -> tuple[str, ...]:
        """Metrics and plot data, whether declared as metrics, as plots or as plain outs below metrics/."""
        return (*self.metrics, *self.plots, *(path for path in self.outs if covers(METRICS, path)))

    @property
    def writes(self) -> tuple[str, ...]:
        """All that the stage writes: outs, metrics and plots."""
        return self.outs + self.metrics + self.plots


def load(dvc_yaml: Path) -> dict[str, Stage]:
    """The stages of a dvc.yaml in its order. Raises WebpairsError where it is missing, isn't YAML or has no stages."""
    try:
        return load_text(dvc_yaml.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WebpairsError(f"{dvc_yaml} is missing: run from the repository's root, or restore it with git.") from None


def load_text(text: str) -> dict[str, Stage]:
    """The stages of a dvc.yaml's text; raises as `load` does."""
    try:
        values: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise WebpairsError(f"dvc.yaml is not YAML: {error}") from None
    stages = values.get("stages") if isinstance(values, dict) else None
    if not isinstance(stages, dict):
        raise WebpairsError("dvc.yaml declares no stages: restore it with git.")
    return {name: _stage(name, entry) for name, entry in stages.items()}


def _stage(name: str, entry: Mapping[str, Any]) -> Stage:
    return Stage(name, *(_paths(entry, kind) for kind in ("deps", "outs", "metrics", "plots")))


def _paths(entry: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(path_of(item) for item in entry.get(kind) or ())


def path_of(item: Any) -> str:
    """The path of an item in a list of deps, outs, metrics or plots: a text, or a mapping from path to settings."""
    return str(next(iter(item))) if isinstance(item, Mapping) else str(item)


def is_code(path: str) -> bool:
    """Whether a dep is code rather than data."""
    return PurePosixPath(path).parts[:1] in {(root,) for root in CODE}


def covers(declared: str, path: str) -> bool:
    """Whether a declared file or folder is, or contains, the path."""
    return PurePosixPath(path).is_relative_to(PurePosixPath(declared))


def editor() -> YAML:
    """A YAML reader and writer that keeps comments, quotes and order, in the style of this repository."""
    settings = YAML()
    settings.preserve_quotes = True
    settings.width = 4096
    settings.indent(mapping=2, sequence=4, offset=2)
    settings.representer.add_representer(
        type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return settings


def write_if_changed(path: Path, content: str) -> bool:
    """Writes the text where the file has another one or isn't there; says whether it did."""
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return False
    write_bytes(path, content.encode())
    return True


def dumped(settings: YAML, document: Any) -> str:
    """The document as text."""
    text = io.StringIO()
    settings.dump(document, text)
    return text.getvalue()
