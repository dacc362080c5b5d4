"""Judges grown stand-ins as they were saved: retrieval by the CLIP, reconstruction by the VAE, what the SDXL draws."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import torch
from diffusers import StableDiffusionXLPipeline
from numpy.typing import NDArray
from PIL import Image

from webpairs.foundation.grow.clip import retrieval, tokenized
from webpairs.foundation.grow.pictures import KNOWN_KINDS, Pictures, pictures
from webpairs.foundation.grow.recipe import SIDE, Recipe
from webpairs.foundation.grow.vae import reconstruction
from webpairs.scenes import DETAILS, FAMILIES, HELD_OUT_KINDS, KINDS, caption, describe

_STEPS = 20
_GUIDANCE = 4.0
_BATCH = 20


def judge(folder: Path, recipe: Recipe, seed: int) -> dict[str, Any]:
    """Numbers about FOLDER/clip and FOLDER/sdxl, on scenes that none of the trainings saw."""
    unseen = pictures(recipe.judged, seed, KINDS)
    rng = random.Random(seed)
    clip, _, _ = open_clip.create_model_and_transforms(f"local-dir:{folder / 'clip'}")
    tokenizer = open_clip.get_tokenizer(f"local-dir:{folder / 'clip'}").tokenizer
    captions = [caption(scene, rng, DETAILS - 1) for scene in unseen.scenes]
    prose = [describe(scene, rng, rng.choice(list(FAMILIES))) for scene in unseen.scenes]
    pipeline = StableDiffusionXLPipeline.from_pretrained(  # type: ignore[no-untyped-call]
        str(folder / "sdxl"), dtype=torch.float32, add_watermarker=False
    )
    pipeline.set_progress_bar_config(disable=True)
    known = pictures(min(recipe.judged, 100), seed, KNOWN_KINDS)
    return {
        "retrieval_by_caption": retrieval(clip.eval(), tokenizer, unseen, captions),
        "retrieval_by_prose": retrieval(clip.eval(), tokenizer, unseen, prose),
        "reconstruction_error": reconstruction(pipeline.vae, known),
        "drawn_known": _drawing(pipeline, clip, tokenizer, KNOWN_KINDS, recipe.drawn, seed),
        "drawn_held_out": _drawing(pipeline, clip, tokenizer, HELD_OUT_KINDS, recipe.drawn // 2, seed),
    }


def draw_prompts(pipeline: Any, prompts: list[str], seed: int) -> list[Image.Image]:
    """One picture for each prompt, each from noise of its own."""
    images: list[Image.Image] = []
    for start in range(0, len(prompts), _BATCH):
        batch = prompts[start : start + _BATCH]
        noise = [torch.Generator().manual_seed(seed + start + place) for place in range(len(batch))]
        drawn = pipeline(
            batch, height=SIDE, width=SIDE, num_inference_steps=_STEPS, guidance_scale=_GUIDANCE, generator=noise
        )
        images.extend(drawn.images)
    return images


def _drawing(
    pipeline: Any, clip: Any, tokenizer: Any, kinds: tuple[str, ...], count: int, seed: int
) -> dict[str, float]:
    """How often the CLIP sees the right kind of object in a picture first, and how well picture and prompt agree.

    The same is said of true drawings of the same scenes, which is as well as this CLIP can be pleased.
    """
    true = pictures(count, seed, kinds)
    rng = random.Random(seed)
    prompts = [caption(scene, rng, 3) for scene in true.scenes]
    drawn = np.stack([np.asarray(image) for image in draw_prompts(pipeline, prompts, seed)])
    marks = {"n": float(count)}
    for name, pixels in (("", drawn), ("true_drawings_", true.pixels)):
        right, agreement = _marks(clip, tokenizer, true, prompts, pixels)
        marks |= {f"{name}kind_right": right, f"{name}compliance": agreement}
    return marks


@torch.inference_mode()
def _marks(
    clip: Any, tokenizer: Any, true: Pictures, prompts: list[str], pixels: NDArray[np.uint8]
) -> tuple[float, float]:
    shown = Pictures(true.scenes, pixels, true.sizes).batch(np.arange(len(pixels)))
    seen = clip.encode_image(shown, normalize=True)
    kinds = clip.encode_text(tokenized(tokenizer, list(KINDS)), normalize=True)
    texts = clip.encode_text(tokenized(tokenizer, prompts), normalize=True)
    guessed = (seen @ kinds.T).argmax(1).tolist()
    right = [KINDS[guess] == scene.kind for guess, scene in zip(guessed, true.scenes, strict=True)]
    return float(np.mean(right)), float((seen * texts).sum(1).mean())
