"""A run as one HTML page."""

from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from webpairs.report.blocks import Section
from webpairs.report.run import ROLES, Run
from webpairs.report.sections import finding, images, learning, machine, material, pairs
from webpairs.report.values import lookup

SECTIONS = (
    material.inputs,
    material.funnel,
    learning.examples,
    learning.training,
    finding.quality,
    pairs.scores,
    pairs.confidences,
    pairs.compare,
    images.finetuning,
    images.compliance,
    images.complexity,
    images.ratings,
    pairs.samples,
    images.drawings,
    machine.speed,
    machine.again,
)


@dataclass(frozen=True)
class Model:
    """One pretrained model of the run, as the page's head shows it."""

    role: str
    name: str
    stand_in: bool


def sections(run: Run) -> list[Section]:
    """All sections of the report, in order."""
    return [section(run) for section in SECTIONS]


def html(run: Run) -> str:
    """The page: it holds all it needs, no script, and asks nothing of the network. Texts of web pages are escaped."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    here = files("webpairs.report")
    template = environment.from_string(here.joinpath("page.html").read_text(encoding="utf-8"))
    # The style is ours, and holds nothing of the run.
    style = Markup(here.joinpath("page.css").read_text(encoding="utf-8"))
    page = template.render(
        title="From web archives to images and their descriptions",
        lead=_lead(run),
        warning=_warning(run),
        models=_models(run),
        sections=sections(run),
        style=style,
    )
    return "\n".join(line.rstrip() for line in page.splitlines() if line.strip()) + "\n"


def _lead(run: Run) -> str:
    archives = run.archives.height
    found = lookup(run.metrics, "select.pairs")
    files_read = f"{archives} archive{'s' if archives != 1 else ''}"
    where = " of the miniature web, the pipeline's made-up default input" if list(run.inputs) == ["sample"] else ""
    pairs_found = f"{found:,}" if isinstance(found, int) else "an unknown number of"
    return (
        f"This run read {files_read}{where}, found {pairs_found} pairs of an image and the text that describes it, "
        "and fine-tuned a text-to-image model with them. Its numbers stand beside those of the 2024 thesis that the "
        "recipe comes from."
    )


def _models(run: Run) -> list[Model]:
    found = []
    for role in ("encoder", "clip", "sdxl"):
        name = lookup(run.metrics, f"foundation.models.{role}.name")
        revision = lookup(run.metrics, f"foundation.models.{role}.revision")
        if name:
            shown = f"{name} at {str(revision)[:12]}" if revision else str(name)
            stand_in = bool(lookup(run.metrics, f"foundation.models.{role}.stand_in"))
            found.append(Model(ROLES[role], shown, stand_in))
    return found


def _warning(run: Run) -> str:
    parts = []
    names = run.stand_ins("encoder", "clip", "sdxl")
    if names:
        parts.append(
            f"Small stand-ins took the place of pretrained models here ({', '.join(names)}). Tables and figures of "
            "their numbers carry a badge: such numbers show that the pipeline works, say nothing about real images, "
            "and do not compare with the thesis's."
        )
    if run.is_sample:
        parts.append("The miniature web is made up: it tests the pipeline, and teaches nothing about the real web.")
    return " ".join(parts)
