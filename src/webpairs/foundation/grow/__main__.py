"""`python -m webpairs.foundation.grow FOLDER` grows the stand-ins into FOLDER/clip and FOLDER/sdxl.

An hour or two on two cores; on a GPU, where there is one, minutes. Each of the three trainings is kept beside FOLDER as
soon as it is done, and a run that was cut off goes on after the last one. What was done, with which losses and how
well the results do, is written to FOLDER/recipe.json.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from webpairs import progress
from webpairs.foundation.grow import judge
from webpairs.foundation.grow.clip import grow_clip, save_clip
from webpairs.foundation.grow.pictures import KNOWN_KINDS, pictures
from webpairs.foundation.grow.recipe import FULL, SEED, TINY, Recipe, Training
from webpairs.foundation.grow.sdxl import grow_unet, save_sdxl, second_text_encoder
from webpairs.foundation.grow.tokenizer import grow_tokenizer
from webpairs.foundation.grow.vae import grow_vae
from webpairs.metrics import rounded
from webpairs.scenes import KINDS
from webpairs.shards import fingerprint, write_bytes


def grow(recipe: Recipe, folder: Path, kept: Path, device: str) -> dict[str, Any]:
    """Grows both stand-ins into the folder and returns what recipe.json says of it."""
    seconds: dict[str, float] = {}
    losses: dict[str, list[float]] = {}

    def part(name: str, trainings: list[Training], make: Callable[[], tuple[Any, list[float]]]) -> Any:
        path = kept / f"{name}-{fingerprint([asdict(training) for training in trainings], SEED, device)}.pt"
        if not path.exists():
            start = time.perf_counter()
            made, steps = make()
            partial = path.with_suffix(".partial")
            torch.save((made, steps, time.perf_counter() - start), partial)
            partial.replace(path)
        made, losses[name], seconds[name] = torch.load(path, weights_only=False)
        return made

    kept.mkdir(parents=True, exist_ok=True)
    tokenizer = grow_tokenizer(SEED)

    def make_clip() -> tuple[Any, list[float]]:
        clip, first, steps = grow_clip(
            pictures(recipe.clip.pictures, SEED, KINDS), tokenizer, recipe.clip, SEED, device
        )
        return (clip.cpu(), first.cpu()), steps

    def make_vae() -> tuple[Any, list[float]]:
        vae, steps = grow_vae(pictures(recipe.vae.pictures, SEED + 1, KNOWN_KINDS), recipe.vae, SEED, device)
        return vae.cpu(), steps

    clip, first = part("clip", [recipe.clip], make_clip)
    save_clip(clip, tokenizer, folder / "clip")
    second = second_text_encoder(clip, len(tokenizer))
    vae = part("vae", [recipe.vae], make_vae)

    def make_unet() -> tuple[Any, list[float]]:
        shown = pictures(recipe.unet.pictures, SEED + 2, KNOWN_KINDS)
        first.to(device)
        torch.nn.Module.to(second, device)
        encoders = (first, second)
        unet, steps = grow_unet(shown, vae.to(device), tokenizer, encoders, recipe.unet, SEED, device)
        return unet.cpu(), steps

    unet = part("unet", [recipe.clip, recipe.vae, recipe.unet], make_unet)
    save_sdxl(vae.cpu(), unet, tokenizer, (first.cpu(), second.cpu()), folder / "sdxl")
    return {
        "seed": SEED,
        "recipe": asdict(recipe),
        "device": device,
        "losses": {name: _course(steps) for name, steps in losses.items()},
        "seconds": seconds,
        "judged": judge.judge(folder, recipe, SEED + 3),
        "bytes": sum(path.stat().st_size for part in ("clip", "sdxl") for path in (folder / part).rglob("*.*")),
        "versions": {name: version(name) for name in ("torch", "open_clip_torch", "diffusers", "transformers")},
    }


def _course(losses: list[float]) -> list[float]:
    """The losses as the means of ten stretches, as far as there are that many steps."""
    return [float(np.mean(stretch)) for stretch in np.array_split(losses, min(10, len(losses)))]


def main() -> None:
    """Parses the command line and grows."""
    parser = argparse.ArgumentParser(prog="python -m webpairs.foundation.grow", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", choices=["full", "tiny"], default="full")
    parser.add_argument("--kept", type=Path, default=Path(".scratch/grow"), help="where finished trainings are kept")
    arguments = parser.parse_args()
    progress.quiet_libraries()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    record = grow(FULL if arguments.budget == "full" else TINY, arguments.folder, arguments.kept, device)
    write_bytes(arguments.folder / "recipe.json", (json.dumps(rounded(record), indent=2) + "\n").encode())


if __name__ == "__main__":
    main()
