"""Profiles: lines of `section.key=value` that leave params.yaml valid."""

from pathlib import Path

import pytest
import yaml

from webpairs.params import Params

ROOT = Path(__file__).parents[2]


def settings(profile):
    for line in (ROOT / "profiles" / profile).read_text().splitlines():
        if line.split("#")[0].strip():
            name, _, value = line.split("#")[0].strip().partition("=")
            yield *name.split("."), yaml.safe_load(value)


@pytest.mark.parametrize("profile", sorted(path.name for path in (ROOT / "profiles").iterdir()))
def test_it_changes_only_what_there_is_to_what_is_allowed(profile):
    values = yaml.safe_load((ROOT / "params.yaml").read_text())
    for section, key, value in settings(profile):
        assert key in values[section], f"{section}.{key}"
        values[section][key] = value
    Params.model_validate(values)


def test_the_thesis_is_what_the_thesis_says():
    stated = {(section, key): value for section, key, value in settings("thesis")}
    assert stated["train_span", "epochs"] == 30
    assert stated["train_span", "max_tokens"] == 512
    assert stated["finetune", "learning_rate"] == 5e-6
    assert (stated["finetune", "epochs"], stated["finetune", "batch_size"]) == (50, 2)
    assert stated["finetune", "max_steps"] is None
    assert (stated["select", "top_n"], stated["generate", "groups"]) == (5000, 100)
