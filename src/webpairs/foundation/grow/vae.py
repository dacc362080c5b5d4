"""Grows SDXL's autoencoder: pictures of 64 pixels to latents of 16 x 16 x 4 and back."""

from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from numpy.typing import NDArray

from webpairs.foundation.grow.pictures import Pictures
from webpairs.foundation.grow.recipe import SIDE, Training
from webpairs.foundation.grow.training import train

CHANNELS = (16, 32, 64)
_EDGES = 0.5
_KL = 1e-5


def grow_vae(shown: Pictures, training: Training, seed: int, device: str) -> tuple[Any, list[float]]:
    """Returns the autoencoder, whose scaling factor gives latents a standard deviation of 1, and the losses.

    The loss is the squared error of pixels and, so that small drawings keep their outlines, of the differences
    between neighbouring pixels, with a light pull of the latents to a normal distribution. With the absolute error the
    grain of the drawings, which can't be learnt, drowns the objects: they stayed blurred after 1,600 steps.
    """
    torch.manual_seed(seed)
    vae: Any = AutoencoderKL(  # type: ignore[no-untyped-call]
        down_block_types=("DownEncoderBlock2D",) * len(CHANNELS),
        up_block_types=("UpDecoderBlock2D",) * len(CHANNELS),
        block_out_channels=CHANNELS,
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=SIDE,
        mid_block_add_attention=False,
    )
    vae.to(device)

    def loss_of(index: NDArray[np.int64]) -> Any:
        images = shown.batch(index).to(device)
        posterior = vae.encode(images).latent_dist
        decoded = vae.decode(posterior.sample()).sample.float()
        error = decoded - images
        edges = error.diff(dim=-1).square().mean() + error.diff(dim=-2).square().mean()
        mean, logvar = posterior.mean.float(), posterior.logvar.float()
        divergence = 0.5 * (mean**2 + logvar.exp() - 1 - logvar).mean()
        return error.square().mean() + _EDGES * edges + _KL * divergence

    losses = train([vae], training, seed, loss_of, "Growing the VAE")
    vae.register_to_config(scaling_factor=round(1 / latents(vae.eval(), shown, device).std().item(), 4))
    return vae, losses


@torch.inference_mode()
def latents(vae: Any, shown: Pictures, device: str) -> torch.Tensor:
    """The means of all pictures' latents, unscaled, [n, 4, 16, 16] in float32."""
    numbers = np.array_split(np.arange(len(shown.pixels)), max(1, len(shown.pixels) // 200))
    with torch.autocast(device, torch.bfloat16):
        parts = [vae.encode(shown.batch(part).to(device)).latent_dist.mode().float().cpu() for part in numbers]
    return torch.cat(parts)


@torch.inference_mode()
def reconstruction(vae: Any, unseen: Pictures) -> float:
    """Mean absolute error of decoded pictures, of pixels from 0 to 1."""
    images = unseen.batch(np.arange(min(100, len(unseen.pixels))))
    decoded = vae.decode(vae.encode(images).latent_dist.mode()).sample
    return float((decoded - images).abs().mean()) / 2
