import json
from pathlib import Path

import numpy as np
import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from tests.clip.tiny import write_tiny_clip
from webpairs.clip.model import Clip, load, scores
from webpairs.errors import WebpairsError

COLOURS = ["red", "green", "blue", "white", "black"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_clip(tmp_path_factory.mktemp("models") / "clip")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Clip:
    return load(folder, batch_size=2, device=torch.device("cpu"))


def pictures() -> list[Image.Image]:
    return [Image.new("RGB", (50, 40), colour) for colour in COLOURS]


def test_vectors_are_those_of_open_clip_itself(folder: Path, clip: Clip) -> None:
    model, _, preprocess = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder}")
    model.eval()
    with torch.inference_mode():
        images = model.encode_image(torch.stack([preprocess(picture) for picture in pictures()]), normalize=True)
        texts = model.encode_text(tokenizer(["a red cat", "the house"]), normalize=True)
    assert np.allclose(clip.embed_images(pictures()), images.numpy(), atol=1e-5)
    assert np.allclose(clip.embed_texts(["a red cat", "the house"]), texts.numpy(), atol=1e-5)


def test_vectors_are_float32_of_length_one_in_the_order_of_the_items(clip: Clip) -> None:
    together = clip.embed_images(pictures())
    alone = np.concatenate([clip.embed_images([picture]) for picture in pictures()])
    assert together.dtype == np.float32
    assert together.shape == (5, 24)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    assert np.allclose(together, alone, atol=1e-5)
    assert np.array_equal(together, clip.embed_images(pictures()))


def test_images_are_opened_on_the_way(clip: Clip) -> None:
    opened = clip.embed_images(COLOURS, lambda colour: Image.new("RGB", (50, 40), colour))
    assert np.array_equal(opened, clip.embed_images(pictures()))


def test_no_items_give_no_vectors(clip: Clip) -> None:
    assert clip.embed_texts([]).shape[0] == 0
    assert clip.embed_images([]).shape[0] == 0


def test_bfloat16_says_nearly_the_same(folder: Path, clip: Clip) -> None:
    half = load(folder, "bfloat16", device=torch.device("cpu"))
    vectors = half.embed_images(pictures())
    assert vectors.dtype == np.float32
    assert np.abs(vectors - clip.embed_images(pictures())).max() < 0.05
    assert not np.array_equal(vectors, clip.embed_images(pictures()))
    assert half.embed_texts(["a red cat"]).shape == (1, 24)


def test_texts_beyond_the_context_are_cut_off_and_counted(clip: Clip) -> None:
    long = " ".join(["cat"] * 40)
    assert clip.count_cut(["a cat", "", long, "the dog"]) == 1
    assert np.array_equal(clip.embed_texts([long]), clip.embed_texts([long + " tree"]))


def test_a_published_model_loads_from_its_folder(tmp_path: Path) -> None:
    """ViT-B-32, less deep, in half precision; its tokenizer is open_clip's own, so the folder holds none."""
    config = open_clip.get_model_config("ViT-B-32")
    for tower in ("vision_cfg", "text_cfg"):
        config[tower]["layers"] = 1
    model = open_clip.CLIP(**config)
    described = {"model_cfg": config, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(described))
    save_file(
        {name: value.half() for name, value in model.state_dict().items()}, tmp_path / "open_clip_model.safetensors"
    )
    clip = load(tmp_path, device=torch.device("cpu"))
    assert clip.embed_images(pictures()[:1]).shape == (1, 512)
    assert clip.embed_texts(["a photo of a cat"]).shape == (1, 512)
    assert clip.count_cut(["a photo of a cat", "cat " * 80]) == 1


@pytest.mark.parametrize("name", ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"])
def test_a_folder_without_a_whole_model_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_tiny_clip(tmp_path / "clip")
    (folder / name).unlink()
    with pytest.raises(WebpairsError, match=r"clip.* (holds no CLIP|can't be loaded)(.|\n)*foundation"):
        load(folder)


def test_a_checkpoint_cut_short_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_clip(tmp_path / "clip")
    weights = folder / "open_clip_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5000])
    with pytest.raises(WebpairsError, match="can't be loaded as CLIP"):
        load(folder)


def test_scores_are_the_cosines_of_the_pairs() -> None:
    images = np.array([[1, 0], [0, 1]], dtype=np.float32)
    texts = np.array([[0.6, 0.8], [1, 0]], dtype=np.float32)
    assert scores(images, texts, [0, 1, 0], [0, 0, 1]).tolist() == pytest.approx([0.6, 0.8, 1.0])
