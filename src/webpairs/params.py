"""The params of every stage: one frozen model a stage, checked whole before any work.

params.yaml has one section a stage, of the same name. What is here changes bytes; what only changes speed (workers,
devices) comes from the environment.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from webpairs.errors import WebpairsError, listing

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Cosine = Annotated[float, Field(ge=-1, le=1)]
Rate = Annotated[float, Field(gt=0)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """What all sections share: unknown names and later changes are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Sample(Section):
    """The miniature web that `archive.inputs: [sample]` stands for."""

    seed: Seed
    sites: Annotated[int, Field(ge=4, le=40)]
    pages: Count
    images: Count


class CommonCrawl(Section):
    """What is taken of each snapshot that `archive.inputs: [commoncrawl:CC-MAIN-2024-10]` names."""

    files: Count
    seed: Seed
    kind: Literal["warc", "wat"]
    base: Annotated[str, Field(pattern=r"^(https?|s3)://[^/\s]+\S*$")]


class Archive(Section):
    inputs: Annotated[list[str], Field(min_length=1)]
    commoncrawl: CommonCrawl
    sample: Sample


class Foundation(Section):
    encoder: str
    encoder_revision: str | None
    clip: str
    clip_pretrained: str | None
    clip_revision: str | None
    sdxl: str
    sdxl_revision: str | None


class Extract(Section):
    characters_before: Count
    characters_after: Count


class Label(Section):
    language: str
    kinds: Annotated[
        list[Literal["alt", "figcaption", "caption", "aria_describedby", "json_ld_caption", "paraphrase"]],
        Field(min_length=1),
    ]
    negatives: list[Literal["icon", "repeated", "not_in_text"]]
    negatives_per_example: Annotated[float, Field(ge=0)]
    max_per_domain: Count
    near_duplicate: Annotated[float, Field(gt=0, le=0.95)]
    min_words: Count
    max_words: Count
    validation_share: Share
    test_share: Share
    seed: Seed


class TrainSpan(Section):
    loss: Literal["cross_entropy", "soft_iou", "both"]
    alt_in_input: Literal["never", "always", "dropped"]
    answers_none: bool
    learns_negatives: bool
    within_block: bool
    decoding: Literal["likeliest", "expected_f1"]
    nearness: Annotated[float, Field(ge=0)]
    matches: list[Literal["alt", "file_name", "sentence"]]
    edges: list[Literal["word", "sentence", "block"]]
    max_tokens: Annotated[int, Field(ge=16)]
    max_span_tokens: Count
    max_examples: Count
    epochs: Count
    batch_size: Count
    gradient_accumulation: Count
    learning_rate: Rate
    head_learning_rate: Rate
    warmup_share: Share
    attention_dropout: Share
    token_masking: Share
    mirrored: Share
    frozen_layers: Annotated[int, Field(ge=0)]
    precision: Literal["auto", "float32", "bfloat16"]
    seed: Seed


class EvaluateSpan(Section):
    resamples: Count
    seed: Seed


class Describe(Section):
    decorations: list[Literal["icon", "repeated"]]
    none_from: Share
    min_confidence: Share
    batch_size: Count


class Fetch(Section):
    http: bool
    min_bytes: Annotated[int, Field(ge=0)]
    max_bytes: Count
    min_side: Count
    max_pixels: Count
    timeout_seconds: Rate
    retries: Annotated[int, Field(ge=0)]


class Score(Section):
    batch_size: Count
    precision: Literal["float32", "bfloat16"]


class Select(Section):
    min_clip: Cosine
    top_n: Count
    holdout_share: Share
    shard_size: Count
    seed: Seed


class Compare(Section):
    resamples: Count
    seed: Seed


class Finetune(Section):
    resolution: Annotated[int, Field(ge=32, multiple_of=8)]
    crop: Literal["center", "random"]
    epochs: Count
    max_steps: Count | None
    batch_size: Count
    learning_rate: Rate
    schedule: Literal["constant", "cosine"]
    weight_decay: Annotated[float, Field(ge=0)]
    caption_dropout: Share
    gradient_checkpointing: bool
    precision: Literal["float32", "bfloat16", "float16"]
    seed: Seed


class Generate(Section):
    prompts: Literal["miniature", "thesis"]
    groups: Count
    images_per_prompt: Count
    resolution: Annotated[int, Field(ge=32, multiple_of=8)]
    steps: Count
    guidance: Annotated[float, Field(ge=0)]
    batch_size: Count
    precision: Literal["float32", "bfloat16", "float16"]
    seed: Seed


class EvaluateImages(Section):
    canny_low: Annotated[int, Field(ge=0, le=255)]
    canny_high: Annotated[int, Field(ge=0, le=255)]
    resamples: Count
    seed: Seed


class Report(Section):
    sample_pairs: Count
    sample_prompts: Count
    seed: Seed


class Params(Section):
    """All of params.yaml."""

    archive: Archive
    foundation: Foundation
    extract: Extract
    label: Label
    train_span: TrainSpan
    evaluate_span: EvaluateSpan
    describe: Describe
    fetch: Fetch
    score: Score
    select: Select
    compare: Compare
    finetune: Finetune
    generate: Generate
    evaluate_images: EvaluateImages
    report: Report


def load(path: Path = Path("params.yaml")) -> Params:
    """The params of the file.

    Raises WebpairsError, which lists every problem at once, where the file is missing, isn't YAML, or isn't valid.
    """
    try:
        # As DVC reads and writes it: 5e-06 is a number there, and a string by PyYAML's older YAML.
        values: Any = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WebpairsError(f"{path} is missing: run from the repository's root, or restore it with git.") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise WebpairsError(f"{path} is not YAML: {error}") from None
    if not isinstance(values, dict):
        raise WebpairsError(f"{path} holds no sections: restore it with git.")
    try:
        return Params.model_validate(values)
    except ValidationError as error:
        raise listing(f"{path} is not valid:", [_problem(detail) for detail in error.errors()]) from None


def _problem(detail: Any) -> str:
    place = ".".join(str(part) for part in detail["loc"])
    shown = "" if detail["type"] in ("missing", "extra_forbidden") else f" (it is {detail['input']!r})"
    return f"{place}: {detail['msg']}{shown}"
