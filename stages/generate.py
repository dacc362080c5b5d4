"""generate: prompts, the SDXL and its fine-tuned UNet → data/generated/, the same prompts and noise by both."""

from pathlib import Path

from webpairs import stage
from webpairs.diffusion.generation import generate, orders
from webpairs.diffusion.prompts import choose
from webpairs.foundation import source
from webpairs.metrics import Stopwatch, write_metrics
from webpairs.params import Params
from webpairs.shards import output_folder


def run(params: Params) -> None:
    """Draws every prompt by the base model and by the fine-tuned one."""
    stopwatch = Stopwatch()
    models = {"base": Path("data/models/sdxl"), "finetuned": Path("data/models/finetuned")}
    sources = {"sdxl": source(models["base"]), "finetuned": source(models["finetuned"])}
    prompts = choose(params.generate)
    ordered = orders(prompts, params.generate)
    with output_folder(Path("data/generated")) as folder:
        generate(models["base"], models, ordered, params.generate, folder)
    images = len(ordered) * len(models)
    counts = {"prompts": len(prompts), "groups": len({(prompt.set, prompt.group) for prompt in prompts})}
    write_metrics(Path("metrics/generate.json"), {"models": sources, **counts, "images": images})
    write_metrics(Path("metrics/speed/generate.json"), stopwatch.speed(images=images))


if __name__ == "__main__":
    stage.main("generate", run)
