"""evaluate_images: generated images and CLIP → compliance and complexity of both models, and what changed."""

from pathlib import Path

from webpairs import stage
from webpairs.clip.model import load
from webpairs.evaluation import images
from webpairs.foundation import source
from webpairs.metrics import Stopwatch, write_metrics, write_tsv
from webpairs.params import Params


def run(params: Params) -> None:
    """Measures every image; writes metrics and plots alone."""
    stopwatch = Stopwatch()
    settings, judge = params.evaluate_images, Path("data/models/clip")
    models = {"clip": source(judge)}
    measured = images.measure(Path("data/generated"), load(judge), settings.canny_low, settings.canny_high)
    folder = Path("metrics/evaluate_images")
    for name in images.MEASURES:
        levels = images.by_level(measured, name, settings.resamples, settings.seed)
        write_tsv(folder / f"{name}.tsv", levels, images.LEVEL_COLUMNS)
        write_tsv(folder / f"{name}_histogram.tsv", images.histograms(measured, name), images.HISTOGRAM_COLUMNS)
    numbers = images.summary(measured, settings.resamples, settings.seed)
    counts = {"images": len(measured), "sizes": images.sizes(measured)}
    write_metrics(Path("metrics/evaluate_images.json"), {"models": models, **counts, **numbers})
    write_metrics(Path("metrics/speed/evaluate_images.json"), stopwatch.speed(images=len(measured)))


if __name__ == "__main__":
    stage.main("evaluate_images", run)
