import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from tests.clip.tiny import write_tiny_clip
from tests.image.pictures import encoded
from tests.image.projects import run_stage, table
from webpairs import records
from webpairs.clip.model import Clip, load
from webpairs.clip.score import score
from webpairs.errors import WebpairsError
from webpairs.image.decode import picture
from webpairs.shards import TarWriter

A, B, GONE = (f"http://a.example/{name}.png" for name in ("a", "b", "gone"))
TEXTS = [
    {"image_url": A, "description": "a red cat", "alt": "the house", "span_confidence": 0.5, "confidence": 0.5},
    {"image_url": A, "description": None, "alt": "a red cat"},
    {"image_url": B, "description": "the dog", "alt": "  ", "span_confidence": 0.25, "confidence": 0.25},
    {"image_url": B, "description": "a red cat", "alt": None, "span_confidence": 0.75, "confidence": 0.75},
    {"image_url": GONE, "description": "a tree", "alt": "a tree"},
]
DESCRIPTIONS = table(records.DESCRIPTIONS, TEXTS)
IMAGES = table(
    records.IMAGES,
    [
        {
            "image_url": url,
            "verdict": "kept",
            "sha256": name * 64,
            "tar": f"images-0000{at}.tar",
            "member": f"{name * 64}.png",
        }
        | {"width": 256, "height": 240}
        for at, (url, name) in enumerate([(A, "a"), (B, "b")])
    ]
    + [{"image_url": GONE, "verdict": "http_dns"}],
)


def write_images(folder: Path) -> None:
    for at, name in enumerate("ab"):
        with TarWriter(folder / f"images-0000{at}.tar") as tar:
            tar.add(f"{name * 64}.png", encoded(seed=at))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="module")
def clip(models: Path) -> Clip:
    return load(models, batch_size=2, device=torch.device("cpu"))


def test_every_text_is_scored_against_its_own_image(tmp_path: Path, clip: Clip) -> None:
    write_images(tmp_path)
    scores, numbers = score(DESCRIPTIONS, IMAGES, tmp_path, clip)
    first, second = clip.embed_images([picture(encoded(seed=0)), picture(encoded(seed=1))])
    cat, house, dog = clip.embed_texts(["a red cat", "the house", "the dog"])
    assert scores["candidate_id"].to_list() == DESCRIPTIONS["candidate_id"].to_list()[:4]
    expected = [first @ cat, None, second @ dog, second @ cat]
    assert scores["description_score"].to_list() == [
        value if value is None else pytest.approx(value, abs=1e-4) for value in expected
    ]
    expected = [first @ house, first @ cat, None, None]
    assert scores["alt_score"].to_list() == [
        value if value is None else pytest.approx(value, abs=1e-4) for value in expected
    ]
    assert dict(scores.schema) == records.SCORES
    assert scores["sha256"].to_list() == ["a" * 64] * 2 + ["b" * 64] * 2
    assert numbers == {"texts": 3, "texts_cut": 0}


def test_images_and_texts_go_through_the_model_once(
    tmp_path: Path, clip: Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_images(tmp_path)
    seen: list[list[object]] = []
    for name in ("embed_images", "embed_texts"):
        genuine = getattr(Clip, name)

        def watched(
            self: Clip, items: object, *args: object, _genuine: object = genuine, **settings: object
        ) -> np.ndarray:
            seen.append(list(items))  # type: ignore[call-overload]
            return _genuine(self, seen[-1], *args, **settings)  # type: ignore[operator]

        monkeypatch.setattr(Clip, name, watched)
    score(DESCRIPTIONS, IMAGES, tmp_path, clip)
    assert seen == [[encoded(seed=0), encoded(seed=1)], ["a red cat", "the dog", "the house"]]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    for folder in ("data/descriptions", "data/images", "data/models"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "data/models/clip").symlink_to(models)
    DESCRIPTIONS.write_parquet("data/descriptions/a.parquet")
    IMAGES.write_parquet("data/images/verdicts.parquet")
    write_images(tmp_path / "data/images")
    return tmp_path


@pytest.mark.usefixtures("project")
def test_the_stage_writes_scores_and_what_they_say() -> None:
    run_stage("score")
    first = Path("data/scores/scores.parquet").read_bytes()
    metrics = json.loads(Path("metrics/score.json").read_text())
    assert metrics["models"]["clip"]["stand_in"] is True
    assert (metrics["candidates"], metrics["images"], metrics["texts"]) == (4, 2, 3)
    assert (metrics["description_score"]["n"], metrics["alt_score"]["n"]) == (3, 2)
    assert Path("metrics/score/histogram.tsv").read_text().startswith("source\tlow\thigh\tcount\ndescription\t-0.2\t")
    run_stage("score")
    assert Path("data/scores/scores.parquet").read_bytes() == first


def test_without_any_kept_image_the_verdicts_are_told(project: Path) -> None:
    gone = IMAGES.with_columns(verdict=pl.Series(["too_small", "http_dns", "http_dns"]))
    gone.write_parquet("data/images/verdicts.parquet")
    with pytest.raises(WebpairsError, match=r"No image was kept of 3 URLs: (.|\n)*http_dns: 2\n  too_small: 1"):
        run_stage("score")
    assert not (project / "data/scores").exists()
