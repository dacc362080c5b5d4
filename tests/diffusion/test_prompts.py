"""The thousand prompts for real models, and those over the miniature web's own objects."""

from collections import defaultdict
from itertools import pairwise

import pytest

from tests.diffusion.tiny import GENERATE
from webpairs.diffusion.prompts import LEVELS, SETS, choose, miniature, thesis
from webpairs.scenes import HELD_OUT_KINDS, KINDS


def grouped(prompts):
    groups = defaultdict(list)
    for prompt in prompts:
        groups[prompt.set, prompt.group].append(prompt)
    return groups


def test_a_hundred_groups_of_five_in_both_sets():
    groups = grouped(thesis())
    assert set(groups) == {(name, group) for name in SETS for group in range(1, 101)}
    assert all([prompt.level for prompt in group] == list(range(1, LEVELS + 1)) for group in groups.values())
    assert all(prompt.held_out is None for prompt in thesis())


@pytest.mark.parametrize("name", SETS)
def test_no_prompt_twice_in_a_set(name):
    texts = [prompt.text for prompt in thesis() if prompt.set == name]
    assert len(set(texts)) == len(texts) == 500


def test_every_level_says_all_of_the_one_before_and_more():
    for group in grouped(thesis()).values():
        for before, after in pairwise(group):
            words, more = before.text.split(), after.text.split()
            rest = iter(more)
            assert all(word in rest for word in words), (before.text, after.text)
            assert len(more) > len(words)


def test_both_sets_start_from_the_same_objects_and_go_different_ways():
    texts = {(prompt.set, prompt.group, prompt.level): prompt.text for prompt in thesis()}
    assert all(texts["sensible", group, 1] == texts["questionable", group, 1] for group in range(1, 101))
    assert len({texts["sensible", group, 1] for group in range(1, 101)}) == 100
    deeper = [[texts[name, group, 5] for group in range(1, 101)] for name in SETS]
    assert not set(deeper[0]) & set(deeper[1])


def test_prompts_fit_the_text_encoders():
    # CLIP reads 77 tokens; common words are one each, rare ones two or three.
    assert max(len(prompt.text.split()) for prompt in thesis()) <= 25
    assert all(prompt.text == prompt.text.strip() and "  " not in prompt.text for prompt in thesis())


def test_fewer_groups_are_the_first_of_each_set():
    chosen = choose(GENERATE.model_copy(update={"prompts": "thesis", "groups": 3}))
    assert len(chosen) == 2 * 3 * LEVELS
    assert {prompt.group for prompt in chosen} == {1, 2, 3}


@pytest.fixture
def small():
    return miniature(groups=20, seed=1)


def test_the_miniature_set_has_as_many_groups_half_of_them_about_new_kinds(small):
    groups = grouped(small)
    assert set(groups) == {(name, group) for name in SETS for group in range(1, 21)}
    assert all([prompt.level for prompt in group] == list(range(1, LEVELS + 1)) for group in groups.values())
    held_out = {key for key, group in groups.items() if all(prompt.held_out for prompt in group)}
    known = {key for key, group in groups.items() if not any(prompt.held_out for prompt in group)}
    assert len(held_out) == len(known) == 20


def test_held_out_means_that_the_prompt_names_such_a_kind(small):
    for prompt in small:
        named = set(KINDS) & set(prompt.text.replace(",", "").split())
        assert bool(named & set(HELD_OUT_KINDS)) == prompt.held_out, prompt.text


def test_both_sets_are_about_the_same_kinds_and_all_new_ones_have_their_turn(small):
    texts = {(prompt.set, prompt.group, prompt.level): prompt.text for prompt in small}
    mains = {}
    for group in range(1, 21):
        kinds = [{kind for kind in KINDS if kind in texts[name, group, 1].split()} for name in SETS]
        assert kinds[0] == kinds[1]
        mains[group] = kinds[0]
    assert set().union(*(mains[group] for group in range(1, 21, 2))) == set(HELD_OUT_KINDS)
    assert len(set().union(*(mains[group] for group in range(2, 21, 2)))) == 10


def test_every_level_is_longer(small):
    for group in grouped(small).values():
        lengths = [len(prompt.text) for prompt in group]
        assert lengths == sorted(lengths)
        assert len({prompt.text for prompt in group}) == LEVELS


def test_prompts_hang_on_the_seed(small):
    assert miniature(20, 1) == small
    assert miniature(20, 2) != small
    assert set(miniature(4, 1)) <= set(small)
