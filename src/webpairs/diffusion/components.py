"""The parts of an SDXL folder, as `StableDiffusionXLPipeline.save_pretrained` writes it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from diffusers import DDPMScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
from diffusers.utils import logging as diffusers_logging
from transformers.utils import logging as transformers_logging

from webpairs.errors import WebpairsError
from webpairs.foundation import require

Loaded = TypeVar("Loaded")
Precision = Literal["float32", "bfloat16", "float16"]

DTYPES: dict[Precision, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}


def device() -> torch.device:
    """The accelerator where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_pipeline(folder: Path, precision: Precision, unet: Any | None) -> Any:
    """The pipeline at this precision with this UNet, or with none.

    The VAE stays in float32, since SDXL's overflows in float16. Raises WebpairsError where the folder holds no SDXL.
    """

    dtypes = {"default": DTYPES[precision], "vae": torch.float32}

    def load() -> Any:
        return StableDiffusionXLPipeline.from_pretrained(  # type: ignore[no-untyped-call]
            require(folder), dtype=dtypes, add_watermarker=False, local_files_only=True, unet=unet
        )

    pipeline = _loaded(folder, load)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def load_unet(folder: Path, precision: Precision = "float32") -> Any:
    """The UNet in `folder`/unet; raises WebpairsError where there is none."""

    def load() -> Any:
        return UNet2DConditionModel.from_pretrained(  # type: ignore[no-untyped-call]
            require(folder), subfolder="unet", dtype=DTYPES[precision], local_files_only=True
        )

    return _loaded(folder, load)


def training_schedule(folder: Path) -> Any:
    """The noise schedule that the model of this folder was trained with: its betas, its prediction type.

    Pipelines come with a sampler (Euler, DDIM, …); all of them carry the schedule in their config. Raises WebpairsError
    where the model predicts something that this recipe can't train.
    """
    config = _loaded(folder, lambda: DDPMScheduler.load_config(require(folder), subfolder="scheduler"))
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in ("epsilon", "v_prediction") or "beta_schedule" not in config:
        raise WebpairsError(
            f"{folder} predicts {prediction!r} on the schedule of a {config.get('_class_name')}: fine-tuning knows "
            "epsilon and v_prediction on a schedule of betas, as SDXL 1.0 has."
        )
    return DDPMScheduler.from_config(config)  # type: ignore[no-untyped-call]


def encode_images(vae: Any, pixels: torch.Tensor) -> torch.Tensor:
    """Latents [n, channels, h, w] as the UNet sees them, float32 on the CPU; pixels [n, 3, H, W] from -1 to 1.

    The mean of the posterior, not a draw from it: it is encoded once and used in every epoch.
    """
    with torch.inference_mode():
        latents = vae.encode(pixels.to(vae.device)).latent_dist.mode()
    mean, deviation = _statistics(vae, latents)
    scaled: torch.Tensor = ((latents - mean) / deviation).to("cpu")
    return scaled


def decode_latents(pipeline: Any, latents: torch.Tensor) -> list[Any]:
    """Latents as the UNet made them → PIL images, decoded in float32."""
    latents = latents.to(torch.float32)
    mean, deviation = _statistics(pipeline.vae, latents)
    with torch.inference_mode():
        pixels = pipeline.vae.decode(latents * deviation + mean, return_dict=False)[0]
    images: list[Any] = pipeline.image_processor.postprocess(pixels, output_type="pil")
    return images


def _statistics(vae: Any, like: torch.Tensor) -> tuple[torch.Tensor | float, torch.Tensor | float]:
    """What latents are shifted and scaled by: per channel where the VAE's config says so, else one factor."""
    means, deviations = vae.config.get("latents_mean"), vae.config.get("latents_std")
    factor = vae.config.scaling_factor
    if means is None or deviations is None:
        return 0.0, 1 / factor
    return like.new_tensor(means).view(1, -1, 1, 1), like.new_tensor(deviations).view(1, -1, 1, 1) / factor


def _loaded(folder: Path, load: Callable[[], Loaded]) -> Loaded:
    # Their bars show parts and shards, also where there is no terminal.
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()
    try:
        return load()
    except (OSError, ValueError, KeyError) as error:
        raise WebpairsError(
            f"{folder} can't be loaded as an SDXL: {str(error).strip().splitlines()[0]}\n"
            "  Run `dvc repro foundation --force`, or check the model that foundation.sdxl names."
        ) from error
