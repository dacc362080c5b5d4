"""Runs single stages in a folder, on tables made by hand."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from webpairs import params

ROOT = Path(__file__).parents[2]


def run_stage(name: str, **settings: Any) -> None:
    """Runs the stage in the current folder, with params.yaml's params and these of its own section instead."""
    loaded = params.load(ROOT / "params.yaml")
    section = getattr(loaded, name).model_copy(update=settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        importlib.import_module(f"stages.{name}").run(loaded.model_copy(update={name: section}))


def table(schema: Mapping[str, Any], rows: list[dict[str, Any]]) -> pl.DataFrame:
    """A frame of the schema; what a row doesn't name is null, and a candidate_id is made where it has none."""
    with_ids = [
        {"candidate_id": f"{number:024x}"} | row if "candidate_id" in schema else row for number, row in enumerate(rows)
    ]
    return pl.DataFrame(with_ids, schema=dict(schema))
