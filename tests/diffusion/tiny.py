"""A tiny SDXL with random weights, and pairs to train it with."""

import io
import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, EulerDiscreteScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from PIL import Image, ImageDraw
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from webpairs.params import Finetune, Generate
from webpairs.shards import TarWriter

FINETUNE = Finetune(
    resolution=32,
    crop="center",
    epochs=50,
    max_steps=4,
    batch_size=2,
    learning_rate=1e-3,
    schedule="cosine",
    weight_decay=0.01,
    caption_dropout=0.1,
    gradient_checkpointing=False,
    precision="float32",
    seed=1,
)
GENERATE = Generate(
    prompts="miniature",
    groups=1,
    images_per_prompt=1,
    resolution=32,
    steps=3,
    guidance=5.0,
    batch_size=4,
    precision="float32",
    seed=1,
)


def tokenizer() -> CLIPTokenizer:
    """CLIP's tokenizer over single characters."""
    letters = "abcdefghijklmnopqrstuvwxyz,.-'"
    names = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    return CLIPTokenizer(vocab={name: place for place, name in enumerate(names)}, merges=[], model_max_length=77)


def tiny_sdxl(folder: Path, prediction_type: str = "epsilon") -> Path:
    """Writes the architecture of SDXL in very small, with a source.json as the stage foundation writes it."""
    torch.manual_seed(0)
    words = tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(words),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        projection_dim=16,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=1,
        attention_head_dim=(2, 4),
        norm_num_groups=8,
        cross_attention_dim=32,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 16,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=32,
        scaling_factor=0.5,
    )
    scheduler = EulerDiscreteScheduler(
        beta_schedule="scaled_linear", beta_start=0.00085, beta_end=0.012, prediction_type=prediction_type
    )
    pipeline = StableDiffusionXLPipeline(
        vae,
        CLIPTextModel(text),
        CLIPTextModelWithProjection(text),
        words,
        words,
        unet,
        scheduler,
        add_watermarker=False,
    )
    pipeline.save_pretrained(folder)
    described = {
        "kind": "embedded",
        "name": "tiny",
        "revision": None,
        "stand_in": True,
        "weights_sha256": f"weights of tiny {prediction_type}",
        "bytes": 1,
    }
    (folder / "source.json").write_text(json.dumps(described))
    return folder


def drawing(size: tuple[int, int], colour: str) -> bytes:
    """A disc on white, as PNG."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] * 3 // 4, size[1] * 3 // 4), fill=colour)
    content = io.BytesIO()
    image.save(content, "PNG")
    return content.getvalue()


def write_pairs(folder: Path, pairs: list[tuple[bytes, str]]) -> Path:
    """data/pairs with one training tar."""
    with TarWriter(folder / "train-00000.tar") as tar:
        for place, (image, text) in enumerate(pairs):
            tar.add(f"{place:06d}.json", b"{}")
            tar.add(f"{place:06d}.png", image)
            tar.add(f"{place:06d}.txt", text.encode())
    return folder
