"""The recipe gives models that the real libraries load, the same ones for the same seed; the shipped ones are good."""

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from diffusers import StableDiffusionXLPipeline
from PIL import Image

from webpairs.foundation.grow.__main__ import grow
from webpairs.foundation.grow.clip import retrieval
from webpairs.foundation.grow.judge import draw_prompts
from webpairs.foundation.grow.pictures import KNOWN_KINDS, pictures
from webpairs.foundation.grow.recipe import CONTEXT, SIDE, TINY
from webpairs.foundation.grow.vae import reconstruction
from webpairs.foundation.obtain import STAND_INS
from webpairs.scenes import HELD_OUT_KINDS, KINDS, caption

LARGEST = 12_000_000  # bytes of both stand-ins together
NOT_ENGLISH = ["红色的船 🚢", "", "ein Gruß", "\x00\ufffd", "boat " * 2000]

# From inside diffusers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def load_clip(folder: Path) -> tuple[Any, Any, Any]:
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    return model.eval(), open_clip.get_tokenizer(f"local-dir:{folder}"), preprocess


def load_sdxl(folder: Path) -> Any:
    pipeline = StableDiffusionXLPipeline.from_pretrained(str(folder), dtype=torch.float32, add_watermarker=False)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of models as small as these mostly wait for one another, for minutes where the cores have other work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Stand-ins of the tiny budget, and what the recipe records of them."""
    folder = tmp_path_factory.mktemp("grown")
    return folder / "made", grow(TINY, folder / "made", folder / "kept", "cpu")


def test_the_record_says_what_was_done(grown: tuple[Path, dict[str, Any]]) -> None:
    folder, record = grown
    assert record["recipe"]["clip"]["steps"] == TINY.clip.steps
    assert {name: len(course) for name, course in record["losses"].items()} == {"clip": 4, "vae": 3, "unet": 3}
    assert all(np.isfinite(loss) for course in record["losses"].values() for loss in course)
    assert record["bytes"] == sum(len(content) for content in files(folder).values())
    assert set(record["judged"]) >= {"retrieval_by_caption", "reconstruction_error", "drawn_known", "drawn_held_out"}


def test_the_same_seed_gives_the_same_bytes(grown: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    folder, record = grown
    again = grow(TINY, tmp_path / "made", tmp_path / "kept", "cpu")
    assert files(tmp_path / "made") == files(folder)
    assert again["judged"] == record["judged"]


def test_a_cut_off_run_goes_on_with_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("webpairs.foundation.grow.__main__.grow_vae", cut_off)
        with pytest.raises(KeyboardInterrupt):
            grow(TINY, tmp_path / "made", tmp_path / "kept", "cpu")
    assert [path.name.split("-")[0] for path in (tmp_path / "kept").iterdir()] == ["clip"]
    monkeypatch.setattr("webpairs.foundation.grow.__main__.grow_clip", cut_off)
    grow(TINY, tmp_path / "made", tmp_path / "kept", "cpu")
    monkeypatch.setattr("webpairs.foundation.grow.__main__.grow_vae", cut_off)
    longer = replace(TINY, unet=replace(TINY.unet, steps=4))  # another UNet needs neither of the other two anew
    assert len(grow(longer, tmp_path / "made", tmp_path / "kept", "cpu")["losses"]["unet"]) == 4


def test_the_second_text_encoder_is_the_clips_own_text_tower(grown: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = grown
    clip, tokenizer, _ = load_clip(folder / "clip")
    encoder = load_sdxl(folder / "sdxl").text_encoder_2
    ids = tokenizer(["a red boat", "cup on a street by day"])
    with torch.inference_mode():
        assert torch.allclose(encoder(ids).text_embeds, clip.encode_text(ids), atol=1e-4)


def test_the_shipped_stand_ins_are_small() -> None:
    sizes = {name: len(content) for name, content in files(STAND_INS).items()}
    assert sum(sizes.values()) <= LARGEST
    assert {"recipe.json", "clip/open_clip_config.json", "sdxl/model_index.json"} <= set(sizes)


@pytest.mark.parametrize("text", NOT_ENGLISH)
def test_the_shipped_tokenizers_read_any_text(text: str) -> None:
    _, tokenizer, _ = load_clip(STAND_INS / "clip")
    assert tokenizer([text]).shape == (1, CONTEXT)
    pipeline = load_sdxl(STAND_INS / "sdxl")
    for part in (pipeline.tokenizer, pipeline.tokenizer_2):
        ids = part(text, padding="max_length", truncation=True, max_length=part.model_max_length).input_ids
        assert len(ids) == CONTEXT
        assert part.decode(ids, skip_special_tokens=True).strip() or not text.strip("\x00 ")


def test_the_shipped_clip_finds_the_caption_of_an_unseen_scene() -> None:
    clip, tokenizer, preprocess = load_clip(STAND_INS / "clip")
    unseen = pictures(100, 2024, KINDS)
    rng = random.Random(2024)
    texts = [caption(scene, rng, 4) for scene in unseen.scenes]
    found = retrieval(clip, tokenizer.tokenizer, unseen, texts)
    assert found["top1"] > 0.6  # by chance 0.01
    image = preprocess(Image.new("RGB", (320, 240), "red")).unsqueeze(0)
    with torch.inference_mode():
        assert clip.encode_image(image, normalize=True).norm().item() == pytest.approx(1.0, abs=1e-4)


def test_the_shipped_sdxl_decodes_what_it_encodes_and_draws() -> None:
    pipeline = load_sdxl(STAND_INS / "sdxl")
    assert reconstruction(pipeline.vae, pictures(20, 2024, KNOWN_KINDS)) < 0.05
    drawn = pipeline("red boat on the sea", height=SIDE, width=SIDE, num_inference_steps=2, guidance_scale=4.0)
    assert drawn.images[0].size == (SIDE, SIDE)
    assert np.asarray(drawn.images[0]).std() > 10


def test_the_shipped_sdxl_draws_the_kinds_it_has_seen_better_than_those_it_has_not() -> None:
    clip, tokenizer, preprocess = load_clip(STAND_INS / "clip")
    pipeline = load_sdxl(STAND_INS / "sdxl")
    with torch.inference_mode():
        names = clip.encode_text(tokenizer(list(KINDS)), normalize=True)
        shares = []
        for kinds in (KNOWN_KINDS, HELD_OUT_KINDS):
            prompts = [f"{colour} {kind} on a beach by day" for kind in kinds for colour in ("red", "blue")]
            images = torch.stack([preprocess(image) for image in draw_prompts(pipeline, prompts, 1)])
            guessed = (clip.encode_image(images, normalize=True) @ names.T).argmax(1).tolist()
            meant = [KINDS.index(kind) for kind in kinds for _ in range(2)]
            shares.append(float(np.mean([guess == kind for guess, kind in zip(guessed, meant, strict=True)])))
    assert shares[0] > 0.4
    assert shares[0] > shares[1] + 0.2
