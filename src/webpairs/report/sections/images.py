"""What fine-tuning changed: loss, compliance, complexity, ratings, and the drawings themselves."""

from webpairs.report import figures, thesis
from webpairs.report.blocks import Block, Drawings, Figure, Figures, Section, Table, Text, plain
from webpairs.report.run import Run
from webpairs.report.tables import QUARTILES, boxes, interval_cell, quartile_row, series, thesis_row
from webpairs.report.values import cell, count, decimal, fixed, lookup, mapping, rating

MODELS = {"base": "base", "finetuned": "fine-tuned"}
PARTS = {
    "all": "all prompts",
    "held_out": "kinds of object that the base model never saw",
    "known": "kinds that it knows",
    "sensible": "sensible prompts",
    "questionable": "questionable prompts",
    **{f"level_{level}": f"level {level} of 5" for level in range(1, 6)},
}


def finetuning(run: Run) -> Section:
    """Steps and loss."""
    names = (("pairs", count), ("steps", count), ("epochs", decimal), ("loss.first", decimal), ("loss.last", decimal))
    row = [cell(run.metrics, f"finetune.{name}", form) for name, form in names]
    head = ("Pairs", "Steps", "Epochs", "Loss, first steps", "Loss, last steps")
    blocks: list[Block] = [Table(head, [row], "Fine-tuning", run.stand_ins("sdxl"))]
    curve = series(run, "finetune/history", "", "step", "loss")
    if curve:
        chart = figures.lines({"loss": curve["loss"]}, "step", "loss", "Loss of fine-tuning")
        blocks.append(Figure(chart, "Loss over the steps, means of stretches.", run.stand_ins("sdxl")))
    return Section("finetuning", "Fine-tuning", blocks)


def compliance(run: Run) -> Section:
    """Figure 6.9 of the thesis."""
    text = "How well an image fits its prompt: the CLIP score of both."
    return _measure(run, "compliance", text, thesis.COMPLIANCE, ("clip", "sdxl"))


def complexity(run: Run) -> Section:
    """Figure 6.10 of the thesis."""
    sizes = lookup(run.metrics, "evaluate_images.sizes") or []
    at = f" Measured at {', '.join(sizes)} pixels; the thesis's images have 1024x1024." if sizes else ""
    text = f"How much there is to see in an image: the share of its pixels on an edge that Canny's detector finds.{at}"
    return _measure(run, "complexity", text, thesis.COMPLEXITY, ("sdxl",))


def ratings(_: Run) -> Section:
    """Table 6.3 of the thesis; people rate apart from a run."""
    rows = [
        [
            plain(f"{prompts} prompts, {MODELS[model]}"),
            *(fixed(cells[name], rating) for name in ("mean", "std", "median")),
            fixed(cells["n"], count),
            plain("not rated in this run"),
        ]
        for (model, prompts), cells in thesis.RATINGS.items()
    ]
    head = ("", "Thesis: mean", "Standard deviation", "Median", "n", "This run")
    text = Text("In the thesis one person rated from 0 to 5 how much of the prompt an image shows.")
    return Section("ratings", "Human rating", [text, Table(head, rows, "Ratings")])


def drawings(run: Run) -> Section:
    """Both models' drawings for the same prompts, from the same noise."""
    if not run.drawings:
        return Section("drawings", "Generated images", [Text("No image was generated.")])
    caption = "Both models start from the same noise. Prompts are drawn by seed, not picked."
    return Section("drawings", "Generated images", [Drawings(run.drawings, caption, run.stand_ins("sdxl"))])


def _measure(
    run: Run, measure: str, text: str, of_thesis: dict[str, dict[str, float]], roles: tuple[str, ...]
) -> Section:
    badges = run.stand_ins(*roles)
    metric = f"evaluate_images.{measure}"
    rows = []
    for model, name in MODELS.items():
        rows += [
            thesis_row(f"{name}: thesis", of_thesis[model]),
            quartile_row(run, f"{name}: this run", f"{metric}.all.{model}"),
        ]
    blocks: list[Block] = [
        Text(text),
        Table((measure.capitalize(), *QUARTILES), rows, f"{measure.capitalize()} of both models", badges),
    ]
    drawn = []
    for model, name in MODELS.items():
        drawn += [(f"{name}, thesis", of_thesis[model]), *boxes(run, {f"{name}, this run": f"{metric}.all.{model}"})]
    charts = [Figure(figures.boxes(drawn, measure, f"{measure}, box plots"), "From minimum to maximum.", badges)]
    counts = series(run, f"evaluate_images/{measure}_histogram", "model", "from", "images")
    if counts:
        named = {MODELS[model]: counts[model] for model in MODELS if model in counts}
        chart = figures.histogram(named, measure, "images", f"Distribution of {measure}")
        charts.append(Figure(chart, "How many images of this run.", badges))
    blocks += [Figures(charts), *_differences(run, measure, badges)]
    return Section(measure, f"{measure.capitalize()} of generated images", blocks)


def _differences(run: Run, measure: str, badges: tuple[str, ...]) -> list[Block]:
    """Paired differences with their intervals, over all prompts and over parts of them."""
    known = mapping(run.metrics, f"evaluate_images.{measure}")
    present = {part: name for part, name in PARTS.items() if part in known or part == "all"}
    rows, drawn = [], []
    for part, name in present.items():
        metric = f"evaluate_images.{measure}.{part}"
        medians = [cell(run.metrics, f"{metric}.{model}.median") for model in MODELS]
        change = f"{metric}.difference"
        rows.append([plain(name), *medians, interval_cell(run, change), cell(run.metrics, f"{change}.n", count)])
        estimate = mapping(run.metrics, change)
        if all(estimate.get(end) is not None for end in ("mean", "low", "high")):
            drawn.append((_short(name), estimate["mean"], estimate["low"], estimate["high"]))
    head = ("Prompts", "Base, median", "Fine-tuned, median", "Fine-tuned − base: mean, 95 % interval", "Images")
    note = "Same prompts, same noise: differences are paired. Intervals come from resampling whole groups of prompts."
    title = f"What fine-tuning changed in {measure}"
    chart = figures.intervals(drawn, "fine-tuned − base", title)
    return [Table(head, rows, title, badges, note), Figure(chart, "Mean differences with 95 % intervals.", badges)]


def _short(name: str) -> str:
    return {PARTS["held_out"]: "kinds never seen", PARTS["known"]: "kinds known"}.get(name, name)
