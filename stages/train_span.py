"""train_span: examples and encoder → the span model.

On N GPUs: torchrun --nproc_per_node=N -m stages.train_span, or accelerate launch, then `dvc commit train_span`.
"""

from pathlib import Path

import torch

from webpairs import span, stage
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.params import Params
from webpairs.records import EXAMPLES
from webpairs.shards import SCRATCH, code_digest, fingerprint, output_folder, read_parquet, sha256
from webpairs.span.history import DISTRIBUTION, HISTORY, distribution_rows, history_rows, training_metrics
from webpairs.span.model import Settings, best_precision, encoder_source, new_model
from webpairs.span.training import train

EXAMPLES_FOLDER = Path("data/examples")
ENCODER = Path("data/models/encoder")


def run(params: Params) -> None:
    """Trains the model, or goes on where a killed run stopped."""
    stopwatch = Stopwatch()
    wanted = params.train_span
    frames = {name: read_parquet(EXAMPLES_FOLDER / f"{name}.parquet", EXAMPLES) for name in ("train", "validation")}
    source = encoder_source(ENCODER)
    digests = [sha256(EXAMPLES_FOLDER / f"{name}.parquet") for name in frames]
    key = fingerprint(digests, source, wanted.model_dump(), code_digest(span))
    checkpoint, logs = SCRATCH / "train_span" / f"{key}.pt", SCRATCH / "train_span" / "tensorboard" / key

    torch.manual_seed(wanted.seed)
    used = wanted.model_dump(include=set(Settings.model_fields))
    settings = Settings.model_validate({**used, "precision": best_precision(wanted.precision), "encoder": source})
    model = new_model(ENCODER, settings, wanted.attention_dropout)
    trained = train(model, frames["train"], frames["validation"], wanted, checkpoint, logs)

    if not trained.is_main:
        return
    with output_folder(Path("data/models/span")) as folder:
        trained.model.save(folder)
    write_tsv(Path("metrics/train_span/history.tsv"), history_rows(trained), HISTORY)
    write_tsv(Path("metrics/train_span/iou_distribution.tsv"), distribution_rows(trained), DISTRIBUTION)
    write_metrics(Path("metrics/train_span.json"), training_metrics(trained))
    write_metrics(Path("metrics/speed/train_span.json"), stopwatch.speed(sequences=trained.sequences))
    checkpoint.unlink()


if __name__ == "__main__":
    stage.main("train_span", run)
