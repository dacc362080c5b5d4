"""Grows SDXL's UNet on the latents of drawn scenes, and puts the pipeline together."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import (
    DDPMScheduler,
    EulerDiscreteScheduler,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from diffusers.models.attention_processor import AttnProcessor
from numpy.typing import NDArray
from open_clip.model import CLIP
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from webpairs.foundation.grow.clip import text_config, tokenized
from webpairs.foundation.grow.pictures import Pictures, say
from webpairs.foundation.grow.recipe import EMBEDDING, FIRST_TEXT_WIDTH, SIDE, TEXT_WIDTH, Training
from webpairs.foundation.grow.training import train
from webpairs.foundation.grow.vae import latents

_UNCONDITIONAL = 0.1
_ENLARGED = 8
_NUMBER = 32  # width of the embedding of each of the six numbers of size and crop
_SCHEDULE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
}


def second_text_encoder(clip: CLIP, vocabulary: int) -> CLIPTextModelWithProjection:
    """The CLIP's own text tower as transformers has it, weight by weight."""
    encoder: Any = CLIPTextModelWithProjection(text_config(vocabulary, TEXT_WIDTH, clip.transformer.layers))
    given = clip.state_dict()
    taken = {
        "text_model.embeddings.token_embedding.weight": given["token_embedding.weight"],
        "text_model.embeddings.position_embedding.weight": given["positional_embedding"],
        "text_model.final_layer_norm.weight": given["ln_final.weight"],
        "text_model.final_layer_norm.bias": given["ln_final.bias"],
        "text_projection.weight": given["text_projection"].T.contiguous(),
    }
    for layer in range(clip.transformer.layers):
        here, there = f"transformer.resblocks.{layer}", f"text_model.encoder.layers.{layer}"
        names = {"ln_1": "layer_norm1", "ln_2": "layer_norm2", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2"}
        names["attn.out_proj"] = "self_attn.out_proj"
        for part in ("weight", "bias"):
            taken |= {f"{there}.{to}.{part}": given[f"{here}.{name}.{part}"] for name, to in names.items()}
            projections = given[f"{here}.attn.in_proj_{part}"].chunk(3)
            for letter, projection in zip("qkv", projections, strict=True):
                taken[f"{there}.self_attn.{letter}_proj.{part}"] = projection
    encoder.load_state_dict(taken)
    taken_by: CLIPTextModelWithProjection = encoder.eval()
    return taken_by


def encode_texts(
    tokenizer: CLIPTokenizer, first: CLIPTextModel, second: CLIPTextModelWithProjection, texts: list[str]
) -> tuple[torch.Tensor, torch.Tensor]:
    """What a UNet of SDXL is told: both encoders' last but one states, [n, CONTEXT, widths], and the embedding."""
    ids = tokenized(tokenizer, texts).to(second.device)
    with torch.no_grad():
        one, two = first(ids, output_hidden_states=True), second(ids, output_hidden_states=True)
    return torch.cat([one.hidden_states[-2], two.hidden_states[-2]], dim=-1), two.text_embeds


def new_unet() -> Any:
    """SDXL's UNet in small: two levels, attention on the lower one, conditioned on size and crop."""
    return UNet2DConditionModel(  # type: ignore[no-untyped-call]
        sample_size=SIDE // 4,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=(56, 112),
        layers_per_block=1,
        cross_attention_dim=FIRST_TEXT_WIDTH + TEXT_WIDTH,
        attention_head_dim=(2, 4),
        norm_num_groups=8,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=_NUMBER,
        projection_class_embeddings_input_dim=6 * _NUMBER + EMBEDDING,
    )


def grow_unet(
    shown: Pictures,
    vae: Any,
    tokenizer: CLIPTokenizer,
    encoders: tuple[CLIPTextModel, CLIPTextModelWithProjection],
    training: Training,
    seed: int,
    device: str,
) -> tuple[Any, list[float]]:
    """Returns the UNet, which predicts the velocity, and the losses. A tenth of the texts is left out, for guidance."""
    scaled = latents(vae, shown, device) * vae.config.scaling_factor
    torch.manual_seed(seed)
    unet = new_unet().to(device)
    # On CPUs the gradient of torch's fused attention is slow: plain products take a third off a step.
    unet.set_attn_processor(AttnProcessor())
    noising: Any = DDPMScheduler(**_SCHEDULE)  # type: ignore[no-untyped-call]
    rng, drawn_sizes = random.Random(seed), np.random.default_rng(seed)
    generator = torch.Generator().manual_seed(seed)
    crops = (shown.sizes - SIDE) // 2
    square = np.full_like(shown.sizes, SIDE)

    def loss_of(index: NDArray[np.int64]) -> torch.Tensor:
        given = scaled[index]
        noise = torch.randn(given.shape, generator=generator)
        steps = torch.randint(0, 1000, (len(index),), generator=generator)
        noisy = noising.add_noise(given, noise, steps)
        texts = [say(shown.scenes[number], rng) for number in index]
        states, pooled = encode_texts(tokenizer, *encoders, texts)
        told = torch.rand(len(index), generator=generator).to(device) >= _UNCONDITIONAL
        # Photographs are larger than the pictures made of them; drawings are the same at any size.
        enlarged = (shown.sizes[index] * drawn_sizes.uniform(1, _ENLARGED, (len(index), 1))).round()
        sizes = torch.from_numpy(np.concatenate([enlarged, crops[index], square[index]], axis=1)).float().to(device)
        # The pipeline gives zeros where nothing is to be said (force_zeros_for_empty_prompt).
        conditions = {"text_embeds": pooled * told[:, None], "time_ids": sizes}
        predicted = unet(
            noisy.to(device), steps.to(device), states * told[:, None, None], added_cond_kwargs=conditions
        ).sample
        velocity = noising.get_velocity(given, noise, steps).to(device)
        return functional.mse_loss(predicted.float(), velocity)

    losses = train([unet], training, seed, loss_of, "Growing the UNet")
    unet.set_default_attn_processor()
    return unet.eval(), losses


def save_sdxl(
    vae: Any,
    unet: Any,
    tokenizer: CLIPTokenizer,
    encoders: tuple[CLIPTextModel, CLIPTextModelWithProjection],
    folder: Path,
) -> None:
    """Writes the pipeline as diffusers reads it, weights in half precision."""
    pipeline: Any = StableDiffusionXLPipeline(  # type: ignore[no-untyped-call]
        vae=vae,
        text_encoder=encoders[0],
        text_encoder_2=encoders[1],
        tokenizer=tokenizer,
        tokenizer_2=tokenizer,
        unet=unet,
        scheduler=EulerDiscreteScheduler(**_SCHEDULE, timestep_spacing="trailing"),  # type: ignore[no-untyped-call]
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(folder)
