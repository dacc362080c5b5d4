"""Compliance and complexity of known pictures, and intervals of known numbers."""

import io
import json

import numpy as np
import polars as pl
import pytest
from PIL import Image

from webpairs.errors import WebpairsError
from webpairs.evaluation import images
from webpairs.metrics import write_metrics
from webpairs.records import GENERATED
from webpairs.shards import TarWriter, write_parquet


def checkerboard(side: int = 64, square: int = 8) -> Image.Image:
    rows, columns = np.indices((side, side)) // square
    return Image.fromarray((((rows + columns) % 2) * 255).astype(np.uint8)).convert("RGB")


def png(image: Image.Image) -> bytes:
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


class RedJudge:
    """Knows red from everything else: an image or text is [1, 0] where it is red, [0, 1] where it isn't."""

    def embed_images(self, pictures):
        return self._vectors(image.getpixel((0, 0))[:3] == (255, 0, 0) for image in pictures)

    def embed_texts(self, texts):
        return self._vectors("red" in text for text in texts)

    def _vectors(self, answers):
        return np.array([[answer, not answer] for answer in answers], dtype=np.float32)


def generated(folder, pictures):
    """data/generated with these pictures: {model: {(set, group, level, prompt, held_out): image}}."""
    rows = []
    for model, drawn in pictures.items():
        with TarWriter(folder / f"{model}.tar") as tar:
            for name, group, level, prompt, held_out in sorted(drawn, key=lambda entry: entry[:3]):
                key = f"{name}-{group:03d}-{level}-00"
                tar.add(f"{key}.png", png(drawn[name, group, level, prompt, held_out]))
                rows.append((key, model, name, group, level, prompt, held_out, 1))
    frame = pl.DataFrame(rows, schema=GENERATED, orient="row")
    write_parquet(folder / "images.parquet", frame, GENERATED, sort_by=["model", "key"])
    return folder


@pytest.fixture
def folder(tmp_path):
    red, blue = Image.new("RGB", (64, 64), (255, 0, 0)), Image.new("RGB", (64, 64), (0, 0, 255))
    prompts = [
        ("sensible", 1, 1, "red", True),
        ("sensible", 1, 2, "red disc", True),
        ("sensible", 2, 1, "blue", False),
        ("questionable", 1, 1, "red sea", True),
    ]
    base = dict.fromkeys(prompts, blue)
    return generated(tmp_path, {"base": base, "finetuned": {**base, prompts[0]: red, prompts[3]: checkerboard()}})


def test_a_blank_picture_has_no_edges_and_a_checkerboard_many():
    assert images.complexity(Image.new("RGB", (64, 64), "white"), 100, 200) == 0
    assert 0.1 < images.complexity(checkerboard(), 100, 200) < 0.6
    assert images.complexity(checkerboard(square=4), 100, 200) > images.complexity(checkerboard(), 100, 200)


def test_thresholds_decide_what_an_edge_is():
    faint = Image.fromarray(np.where(np.arange(64)[None, :] < 32, 100, 120).astype(np.uint8).repeat(64, axis=0))
    assert images.complexity(faint, 10, 20) == pytest.approx(1 / 64, abs=1 / 64)
    assert images.complexity(faint, 10, 20) > 0
    assert images.complexity(faint, 100, 200) == 0


def test_every_image_meets_its_own_prompt(folder):
    measured = images.measure(folder, RedJudge(), 100, 200)
    assert measured.select("model", "key", "compliance").rows() == [
        ("base", "questionable-001-1-00", 0.0),
        ("base", "sensible-001-1-00", 0.0),
        ("base", "sensible-001-2-00", 0.0),
        ("base", "sensible-002-1-00", 1.0),
        ("finetuned", "questionable-001-1-00", 0.0),
        ("finetuned", "sensible-001-1-00", 1.0),
        ("finetuned", "sensible-001-2-00", 0.0),
        ("finetuned", "sensible-002-1-00", 1.0),
    ]
    assert measured["complexity"].gt(0).to_list() == [False] * 4 + [True] + [False] * 3
    assert images.sizes(measured) == ["64x64"]


def test_the_summary_tells_sets_levels_and_kinds_apart(folder, tmp_path):
    summary = images.summary(images.measure(folder, RedJudge(), 100, 200), resamples=200, seed=1)
    compliance = summary["compliance"]
    assert set(compliance) == {"all", "sensible", "questionable", "level_1", "level_2", "held_out", "known"}
    assert compliance["sensible"]["difference"]["mean"] == pytest.approx(1 / 3)
    assert compliance["held_out"]["difference"]["mean"] == pytest.approx(1 / 3)
    assert compliance["held_out"]["difference"]["clusters"] == 1
    assert compliance["known"]["difference"] == {"n": 1, "clusters": 1, "mean": 0.0, "low": 0.0, "high": 0.0}
    assert compliance["all"]["base"]["n"] == 4
    assert summary["complexity"]["questionable"]["difference"]["low"] > 0
    write_metrics(tmp_path / "metrics.json", summary)
    assert json.loads((tmp_path / "metrics.json").read_text())["compliance"]["all"]["base"]["max"] == 1.0


def test_prompts_of_which_nobody_knows_whether_they_are_new_have_no_such_parts(tmp_path):
    blank = Image.new("RGB", (8, 8), "white")
    drawn = {("sensible", 1, 1, "red", None): blank}
    measured = images.measure(generated(tmp_path, {"base": drawn, "finetuned": drawn}), RedJudge(), 100, 200)
    assert "held_out" not in images.summary(measured, 10, 1)["compliance"]


def test_plots_have_a_row_for_everything(folder):
    measured = images.measure(folder, RedJudge(), 100, 200)
    levels = images.by_level(measured, "compliance", 50, 1)
    assert [(row["set"], row["level"], row["model"], row["mean"]) for row in levels][:2] == [
        ("questionable", 1, "base", 0.0),
        ("questionable", 1, "finetuned", 0.0),
    ]
    assert all(tuple(row) == images.LEVEL_COLUMNS for row in levels)
    for measure in images.MEASURES:
        bins = images.histograms(measured, measure)
        assert all(tuple(row) == images.HISTOGRAM_COLUMNS for row in bins)
        assert sum(row["images"] for row in bins) == 8


def test_the_interval_of_independent_values_is_the_textbooks():
    values = np.random.default_rng(0).normal(size=400)
    interval = images.cluster_interval(values, range(400), resamples=4000, seed=1)
    half = 1.96 * values.std() / 20
    assert interval["mean"] == pytest.approx(values.mean())
    assert interval["low"] == pytest.approx(values.mean() - half, abs=0.01)
    assert interval["high"] == pytest.approx(values.mean() + half, abs=0.01)


def test_values_that_only_repeat_their_group_make_no_interval_narrower():
    groups = np.random.default_rng(0).normal(size=40)
    once = images.cluster_interval(groups, range(40), resamples=2000, seed=1)
    five_times = images.cluster_interval(groups.repeat(5), np.arange(40).repeat(5).tolist(), resamples=2000, seed=1)
    assert (five_times["low"], five_times["high"]) == pytest.approx((once["low"], once["high"]))
    assert (five_times["n"], five_times["clusters"]) == (200, 40)


def test_groups_of_unequal_size_count_by_their_values():
    interval = images.cluster_interval([1.0, 1.0, 1.0, 0.0], ["a", "a", "a", "b"], resamples=500, seed=1)
    assert interval["mean"] == 0.75
    assert (interval["low"], interval["high"]) == (0.0, 1.0)


def test_no_values_make_no_interval():
    assert images.cluster_interval([], [], 10, 1) == {"n": 0, "clusters": 0, "mean": None, "low": None, "high": None}


def test_a_folder_without_images_and_one_that_does_not_hold_what_it_lists(folder, tmp_path):
    with pytest.raises(WebpairsError, match="dvc repro generate"):
        images.measure(tmp_path / "missing", RedJudge(), 100, 200)
    with TarWriter(folder / "base.tar") as tar:
        tar.add("sensible-001-1-00.png", png(checkerboard()))
    with pytest.raises(WebpairsError, match="generate"):
        images.measure(folder, RedJudge(), 100, 200)
