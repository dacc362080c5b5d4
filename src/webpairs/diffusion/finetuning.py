"""Pairs and an SDXL → its UNet, fine-tuned, by way of the scratch folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import Accelerator

from webpairs import shards
from webpairs.diffusion import components, encoding, framing, training
from webpairs.diffusion.pairs import count_images, read_pairs, train_tars
from webpairs.foundation import source
from webpairs.params import Finetune


@dataclass(frozen=True)
class Finetuned:
    """The trained UNet, and the numbers of its training."""

    unet: Any
    losses: list[float]  # of every step
    pairs: int
    undecodable: int
    truncated: int
    main: bool  # whether this process is the one that writes

    def metrics(self, settings: Finetune) -> dict[str, Any]:
        """What metrics say: first and last loss are means over a hundredth of the steps."""
        curve = training.windows(self.losses)
        return {
            "pairs": self.pairs,
            "dropped": {"undecodable": self.undecodable},
            "truncated_texts": self.truncated,
            "steps": len(self.losses),
            "epochs": len(self.losses) * settings.batch_size / self.pairs,
            "loss": {"first": curve[0]["loss"], "last": curve[-1]["loss"]},
        }


def finetune(pairs: Path, sdxl: Path, settings: Finetune, scratch: Path) -> Finetuned:
    """Encodes the pairs (once: what is finished is kept in `scratch`), and trains the UNet of the SDXL with them.

    Raises WebpairsError where there are no pairs or no model, or the settings don't fit the machine.
    """
    tars, base = train_tars(pairs), source(sdxl)
    schedule, unet = components.training_schedule(sdxl), components.load_unet(sdxl)
    framed = settings.model_dump(include={"resolution", "crop", "seed"})
    code = shards.code_digest(encoding, framing, components)
    data = shards.fingerprint([shards.sha256(tar) for tar in tars], base["weights_sha256"], framed, code)
    run = shards.fingerprint(data, settings.model_dump(), shards.code_digest(training))
    engine = training.accelerator(settings, scratch / "tensorboard")
    with engine.main_process_first():
        _encode(tars, sdxl, settings, scratch, data, engine)
    encoded = encoding.load(scratch / f"encoded-{data}")
    engine.init_trackers(run)
    checkpoint = scratch / f"checkpoint-{run}"
    losses = training.train(unet, schedule, encoded, settings, engine, checkpoint)
    engine.end_training()
    if engine.is_main_process:
        shutil.rmtree(checkpoint, ignore_errors=True)
    trained = engine.unwrap_model(unet).to("cpu")
    return Finetuned(trained, losses, len(encoded), encoded.undecodable, encoded.truncated, engine.is_main_process)


def _encode(tars: list[Path], sdxl: Path, settings: Finetune, scratch: Path, key: str, engine: Accelerator) -> None:
    """Makes `encoded-<key>` where it isn't there yet, and then drops what other pairs or models left behind."""
    wanted = scratch / f"encoded-{key}"
    if wanted.is_dir() or not engine.is_main_process:
        return
    partial = wanted.with_name(f"{wanted.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    total = sum(count_images(tar) for tar in tars)
    encoding.encode(read_pairs(tars), total, sdxl, settings, partial)
    partial.rename(wanted)
    for other in scratch.glob("encoded-*"):
        if other != wanted:
            shutil.rmtree(other)
