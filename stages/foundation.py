"""foundation: hub names, local paths or the embedded models → data/models/{encoder,clip,sdxl}."""

from pathlib import Path

from webpairs import stage
from webpairs.foundation.obtain import obtain_clip, obtain_encoder, obtain_sdxl
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.params import Params
from webpairs.shards import output_folder


def run(params: Params) -> None:
    """Brings the three models in and says how each was obtained."""
    wanted = params.foundation
    stopwatch = Stopwatch()
    with output_folder(Path("data/models/encoder")) as folder:
        encoder = obtain_encoder(wanted.encoder, wanted.encoder_revision, folder)
    with output_folder(Path("data/models/clip")) as folder:
        clip = obtain_clip(wanted.clip, wanted.clip_pretrained, wanted.clip_revision, folder)
    with output_folder(Path("data/models/sdxl")) as folder:
        sdxl = obtain_sdxl(wanted.sdxl, wanted.sdxl_revision, folder)
    models = {"encoder": encoder, "clip": clip, "sdxl": sdxl}
    write_metrics(Path("metrics/foundation.json"), {"models": models})
    write_metrics(Path("metrics/speed/foundation.json"), stopwatch.speed())


if __name__ == "__main__":
    stage.main("foundation", run)
