"""Grows the CLIP, and beside it SDXL's first text encoder, by contrasting drawn scenes with what is said about them."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.model import CLIP
from open_clip.push_to_hf_hub import save_config_for_hf
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from webpairs.foundation.grow.pictures import Pictures, say
from webpairs.foundation.grow.recipe import CONTEXT, EMBEDDING, FIRST_TEXT_WIDTH, SIDE, TEXT_WIDTH, Training
from webpairs.foundation.grow.training import train

MEAN = STD = (0.5, 0.5, 0.5)
_HEAD = 32


def clip_config(vocabulary: int) -> dict[str, Any]:
    """An open_clip model: a ViT of three layers over patches of 8 pixels, and a text tower of three layers."""
    text = {
        "context_length": CONTEXT,
        "vocab_size": vocabulary,
        "width": TEXT_WIDTH,
        "heads": TEXT_WIDTH // _HEAD,
        "layers": 3,
        "hf_tokenizer_name": "tokenizer",  # of a local-dir model, open_clip takes the folder itself
    }
    vision = {"image_size": SIDE, "patch_size": 8, "width": 128, "head_width": _HEAD, "layers": 3}
    return {"embed_dim": EMBEDDING, "vision_cfg": vision, "text_cfg": text}


def text_config(vocabulary: int, width: int, layers: int) -> CLIPTextConfig:
    """The same kind of text tower as transformers describes it."""
    return CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=EMBEDDING,
        num_hidden_layers=layers,
        num_attention_heads=width // _HEAD,
        max_position_embeddings=CONTEXT,
        hidden_act="gelu",
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )


def grow_clip(
    shown: Pictures, tokenizer: CLIPTokenizer, training: Training, seed: int, device: str
) -> tuple[CLIP, CLIPTextModel, list[float]]:
    """Returns the CLIP, the first text encoder, and the losses. Both text towers learn from the same image tower."""
    torch.manual_seed(seed)
    config = clip_config(len(tokenizer))
    clip = CLIP(**config).to(device)
    first: Any = CLIPTextModel(text_config(len(tokenizer), FIRST_TEXT_WIDTH, 2))
    first.to(device)
    first_head = nn.Linear(FIRST_TEXT_WIDTH, EMBEDDING, bias=False).to(device)
    rng = random.Random(seed)
    generator = torch.Generator().manual_seed(seed)

    def loss_of(index: NDArray[np.int64]) -> torch.Tensor:
        images = worn(shown.batch(index), generator).to(device)
        texts = tokenized(tokenizer, [say(shown.scenes[number], rng) for number in index]).to(device)
        seen = clip.encode_image(images, normalize=True)
        read = clip.encode_text(texts, normalize=True)
        read_first = functional.normalize(first_head(first(texts).pooler_output), dim=-1)
        scale = clip.logit_scale.exp().clamp(max=100)
        return contrastive(seen, read, scale) + 0.5 * contrastive(seen.detach(), read_first, scale.detach())

    losses = train([clip, first, first_head], training, seed, loss_of, "Growing the CLIP")
    return clip.eval(), first.eval(), losses


def tokenized(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """Token ids, [len(texts), CONTEXT]."""
    ids: torch.Tensor = tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
    return ids


def contrastive(images: torch.Tensor, texts: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """The symmetric cross-entropy of telling which text belongs to which image, of rows that belong together."""
    logits = scale * images.float() @ texts.float().T
    own = torch.arange(len(logits), device=logits.device)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2


def worn(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """The images a little shifted, and half of them blurred or noisy: so are photographs of the miniature web once they
    are small, and so are generated images.
    """
    shift = torch.randint(-4, 5, (2,), generator=generator).tolist()
    images = functional.pad(images, (4, 4, 4, 4), mode="replicate")
    images = images[..., 4 + shift[0] : 4 + shift[0] + SIDE, 4 + shift[1] : 4 + shift[1] + SIDE]
    blurred = functional.avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)
    noise = 0.08 * torch.randn(images.shape, generator=generator)
    fate = torch.rand((len(images), 1, 1, 1), generator=generator)
    return torch.where(fate < 0.25, blurred, torch.where(fate < 0.5, images + noise, images))


def save_clip(clip: CLIP, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Writes the CLIP in open_clip's local-dir format, weights in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.half().contiguous() for name, weight in clip.state_dict().items()}
    save_file(weights, folder / "open_clip_model.safetensors")
    clip.visual.image_mean, clip.visual.image_std = MEAN, STD
    save_config_for_hf(clip, folder / "open_clip_config.json", clip_config(len(tokenizer)))
    tokenizer.save_pretrained(folder)


@torch.inference_mode()
def retrieval(clip: CLIP, tokenizer: CLIPTokenizer, unseen: Pictures, texts: list[str]) -> dict[str, float]:
    """The share of unseen pictures whose own text comes first, or among the first five, of all these texts.

    Texts that are the same as the picture's own count as its own.
    """
    device = next(clip.parameters()).device
    seen = clip.encode_image(unseen.batch(np.arange(len(texts))).to(device), normalize=True)
    read = clip.encode_text(tokenized(tokenizer, texts).to(device), normalize=True)
    similarity = (seen @ read.T).cpu()
    own = torch.tensor([[text == other for other in texts] for text in texts])
    ranked = own.gather(1, similarity.argsort(dim=1, descending=True))
    return {
        "texts": len(texts),
        "top1": ranked[:, :1].any(1).float().mean().item(),
        "top5": ranked[:, :5].any(1).float().mean().item(),
    }
