"""Sets `archive.inputs` in params.yaml: what `make all INPUT="…"` calls.

`python -m webpairs.pipeline.inputs 'a.warc.gz "my crawl/*.warc.gz" https://example.org/b.warc.gz'`. Several arguments
are taken together. Comments and order stay; the file isn't touched where the inputs are these already.
"""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from webpairs.errors import WebpairsError
from webpairs.pipeline import command, definition


def parse(text: str) -> list[str]:
    """The inputs in the text, split at spaces outside quotes. Raises WebpairsError for none, or an open quote."""
    try:
        inputs = shlex.split(text)
    except ValueError:
        raise WebpairsError(f"INPUT has a quote that is never closed: {text}") from None
    if not any(part.strip() for part in inputs):
        raise WebpairsError(
            "INPUT names nothing: give files, folders, globs, URLs or snapshots, or `sample` for the miniature web."
        )
    return [part for part in inputs if part.strip()]


def set_inputs(path: Path, inputs: list[str]) -> bool:
    """Makes `archive.inputs` of the params file these inputs; says whether the file changed.

    Raises WebpairsError where the file is missing, isn't YAML or has no `archive.inputs`.
    """
    settings = definition.editor()
    try:
        document: Any = settings.load(path.read_text(encoding="utf-8"))
        current = document["archive"]["inputs"]
    except FileNotFoundError:
        raise WebpairsError(f"{path} is missing: run from the repository's root, or restore it with git.") from None
    except (KeyError, TypeError, YAMLError):
        raise WebpairsError(f"{path} has no archive.inputs to set: restore it with git.") from None
    if current == inputs:
        return False
    if isinstance(current, list):
        current[:] = inputs
    else:
        document["archive"]["inputs"] = inputs
    return definition.write_if_changed(path, definition.dumped(settings, document))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line."""
    inputs = parse(" ".join(sys.argv[1:] if arguments is None else arguments))
    path = Path("params.yaml")
    if set_inputs(path, inputs):
        print(f"params.yaml: archive.inputs is now {inputs}")
    return 0


if __name__ == "__main__":
    command.run(main)
