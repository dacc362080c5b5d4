"""Samples are drawn by seed, and of every kind there is."""

from collections.abc import Callable
from pathlib import Path

from webpairs.report.samples import sample_drawings, sample_pairs

Write = Callable[[], Path]


def test_pairs_are_drawn_by_seed_best_first(small_run: Write) -> None:
    folder = small_run() / "data" / "pairs"
    pairs = sample_pairs(folder, 4, 1)
    assert pairs == sample_pairs(folder, 4, 1)
    assert pairs != sample_pairs(folder, 4, 2)
    assert [pair.score for pair in pairs] == sorted((pair.score for pair in pairs), reverse=True)
    assert len(sample_pairs(folder, 99, 1)) == 10


def test_drawings_show_known_and_held_out_kinds_of_both_sets(small_run: Write) -> None:
    folder = small_run() / "data" / "generated"
    drawings = sample_drawings(folder, 8, 1)
    assert len(drawings) == 8
    for part in ("sensible, held-out", "sensible, known", "questionable, held-out", "questionable, known"):
        assert sum(drawing.label.startswith(part) for drawing in drawings) == 2, part
    assert all(drawing.base and drawing.finetuned for drawing in drawings)


def test_a_prompt_that_one_model_did_not_draw_is_left_out(small_run: Write) -> None:
    folder = small_run() / "data" / "generated"
    (folder / "finetuned.tar").unlink()
    assert all(drawing.finetuned == "" for drawing in sample_drawings(folder, 4, 1))
