"""One process of a launch of several, that train together; test_training.py starts it."""

import json
import sys
from pathlib import Path

import polars as pl
import torch
from accelerate import PartialState

from webpairs.params import TrainSpan
from webpairs.span.model import Settings, new_model
from webpairs.span.training import train

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    job = json.loads((folder / "job.json").read_text())
    params = TrainSpan.model_validate(job["params"])
    torch.manual_seed(params.seed)
    settings = Settings.model_validate({**job["settings"], "loss": params.loss, "max_tokens": params.max_tokens})
    model = new_model(Path(job["encoder"]), settings, params.attention_dropout)
    frames = [pl.read_parquet(folder / f"{name}.parquet") for name in ("train", "validation")]
    found = train(model, frames[0], frames[1], params, folder / "run.pt", folder / "logs")
    if found.is_main:
        found.model.save(folder / "span")
        (folder / "losses").write_text(json.dumps([epoch.train_loss for epoch in found.epochs]))
        state = PartialState()
        (folder / "written_by").write_text(f"{state.process_index} of {state.num_processes}")
