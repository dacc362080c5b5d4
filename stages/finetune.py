"""finetune: pairs and an SDXL → the SDXL's UNet, fine-tuned.

On N GPUs: torchrun --nproc_per_node=N -m stages.finetune, then `dvc commit finetune`.
"""

from pathlib import Path

from webpairs import stage
from webpairs.diffusion.finetuning import finetune
from webpairs.diffusion.record import save
from webpairs.diffusion.training import windows
from webpairs.foundation import source
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.params import Params
from webpairs.shards import SCRATCH, output_folder


def run(params: Params) -> None:
    """Trains, and writes the UNet alone: everything else stays as it is in data/models/sdxl."""
    stopwatch = Stopwatch()
    sdxl = Path("data/models/sdxl")
    result = finetune(Path("data/pairs"), sdxl, params.finetune, SCRATCH / "finetune")
    if not result.main:
        return
    base, metrics = source(sdxl), result.metrics(params.finetune)
    with output_folder(Path("data/models/finetuned")) as folder:
        save(result.unet, base, {"pairs": result.pairs, "steps": len(result.losses)}, folder)
    write_tsv(Path("metrics/finetune/history.tsv"), windows(result.losses), ["step", "loss"])
    write_metrics(Path("metrics/finetune.json"), {"models": {"sdxl": base}, **metrics})
    write_metrics(Path("metrics/speed/finetune.json"), stopwatch.speed(steps=len(result.losses)))


if __name__ == "__main__":
    stage.main("finetune", run)
