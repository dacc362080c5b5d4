"""Profiles: lines of `section.key=value` that DVC puts over params.yaml, which stays valid."""

import shutil
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides

from webpairs import params
from webpairs.params import Params

ROOT = Path(__file__).parents[1]


def under(tmp_path: Path, *profiles: str) -> Params:
    """The params as `make exp` has DVC write them, read as the stages read them."""
    path = tmp_path / "params.yaml"
    shutil.copy(ROOT / "params.yaml", path)
    lines = "\n".join((ROOT / "profiles" / name).read_text(encoding="utf-8") for name in profiles).splitlines()
    apply_overrides(path, [line for line in (line.partition("#")[0].strip() for line in lines) if line])
    return params.load(path)


@pytest.mark.parametrize("profile", sorted(path.name for path in (ROOT / "profiles").iterdir()))
def test_it_changes_only_what_there_is_to_what_is_allowed(profile: str, tmp_path: Path) -> None:
    assert under(tmp_path, profile).archive == params.load(ROOT / "params.yaml").archive


def test_the_thesis_is_what_the_thesis_says(tmp_path: Path) -> None:
    stated = under(tmp_path, "thesis")
    assert stated.train_span.epochs == 30
    assert stated.train_span.max_tokens == 512
    assert stated.train_span.loss == "cross_entropy"
    assert not stated.train_span.answers_none
    assert stated.train_span.alt_in_input == "always"
    assert (stated.label.kinds, stated.label.negatives) == (["alt"], [])
    assert (stated.extract.characters_before, stated.extract.characters_after) == (2000, 2500)
    assert stated.finetune.learning_rate == 5e-6
    assert (stated.finetune.epochs, stated.finetune.batch_size) == (50, 2)
    assert stated.finetune.max_steps is None
    assert (stated.select.top_n, stated.generate.groups) == (5000, 100)
    assert stated.foundation.encoder == "distilbert-base-uncased"


def test_nothing_that_is_webpairs_own_is_in_the_thesis(tmp_path: Path) -> None:
    stated, default = under(tmp_path, "thesis"), params.load(ROOT / "params.yaml")
    own = stated.train_span
    assert (own.matches, own.edges, own.within_block) == ([], [], False)
    assert (own.decoding, own.nearness) == ("likeliest", 0)
    assert (own.token_masking, own.mirrored, own.frozen_layers) == (0, 0, 0)
    assert (stated.describe.decorations, stated.describe.min_confidence) == ([], 0)
    assert stated.label.max_per_domain >= stated.train_span.max_examples
    # What the thesis leaves open is as in the default, in its favour.
    left_open = ("learning_rate", "head_learning_rate", "batch_size", "warmup_share", "gradient_accumulation")
    assert own.model_dump(include=set(left_open)) == default.train_span.model_dump(include=set(left_open))


def test_of_several_profiles_the_last_ones_count(tmp_path: Path) -> None:
    both = under(tmp_path, "thesis", "embedded")
    assert both.foundation == params.load(ROOT / "params.yaml").foundation
    assert both.train_span == under(tmp_path, "thesis").train_span
