"""The span model: a pretrained encoder, a special token [IMG] where the image stands, a start head and an end head."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, AutoTokenizer
from transformers.utils import logging as transformers_logging

from webpairs.errors import WebpairsError, listing
from webpairs.foundation import source
from webpairs.shards import write_bytes
from webpairs.span.attention import attend_by_row
from webpairs.span.calibration import Calibration
from webpairs.span.fitting import Fitter
from webpairs.span.windows import BEGINS, ENDS, MATCHES

IMAGE_TOKEN = "[IMG]"

# As many a window has at least: its special tokens, and a few words.
_LEAST_TOKENS = 16

# AdamW moves a weight by no more than its rate in a step, so that one that is not multiplied by many states of the
# encoder would hardly move in a run.
_EDGE_GAIN = 10.0

# What transformers would warn of, weights that are missing or left over, is checked in new_model.
transformers_logging.disable_progress_bar()
transformers_logging.set_verbosity_error()


class Settings(BaseModel):
    """What a trained model has to be used with; kept in span.json beside its weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    loss: Literal["cross_entropy", "soft_iou", "both"]
    alt_in_input: Literal["never", "always", "dropped"]
    answers_none: bool
    within_block: bool
    decoding: Literal["likeliest", "expected_f1"]
    nearness: float
    matches: tuple[Literal["alt", "file_name", "sentence"], ...]
    edges: tuple[Literal["word", "sentence", "block"], ...]
    max_tokens: int
    max_span_tokens: int
    precision: Literal["float32", "bfloat16"]
    encoder: dict[str, Any]  # the encoder's source.json
    calibration: Calibration | None = None  # fitted when it was trained


class SpanModel(nn.Module):
    """Encoder and two linear heads, and a weight for each kind of edge."""

    def __init__(self, encoder: Any, tokenizer: Any, settings: Settings) -> None:
        super().__init__()
        self.encoder = _without_pooler(encoder)
        attend_by_row(self.encoder)
        self.start = nn.Linear(encoder.config.hidden_size, 1)
        self.end = nn.Linear(encoder.config.hidden_size, 1)
        # What is added to the embeddings of tokens whose words match; nothing at first.
        self.matched = nn.Embedding(1 + sum(MATCHES.values()), encoder.config.hidden_size)
        nn.init.zeros_(self.matched.weight)
        self.begins = nn.Parameter(torch.zeros(len(BEGINS)))
        self.ends = nn.Parameter(torch.zeros(len(ENDS)))
        self.tokenizer = tokenizer
        self.settings = settings

    def forward(self, ids: Tensor, mask: Tensor, matched: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Start and end logits, [batch, tokens] float32 each, for token ids, their attention mask, and the bits of what
        their words match (windows.MATCHES) and of what they begin and end (BEGINS, ENDS), all of that shape.
        """
        is_lower = self.settings.precision == "bfloat16" and self.encoder.dtype == torch.float32
        precision = torch.autocast(ids.device.type, torch.bfloat16) if is_lower else nullcontext()
        with precision, self._told(matched) if self.settings.matches else nullcontext():
            states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        states = states.float()
        start, end = self.start(states).squeeze(-1), self.end(states).squeeze(-1)
        return start + self._at_edges(edges, BEGINS, self.begins), end + self._at_edges(edges, ENDS, self.ends)

    def _at_edges(self, edges: Tensor, bits: Mapping[str, int], weights: Tensor) -> Tensor:
        """What is added to the logits of tokens that begin, or end, something that is wanted."""
        wanted = [bit if name in self.settings.edges else 0 for name, bit in bits.items()]
        own = torch.tensor(wanted, device=edges.device)
        return _EDGE_GAIN * ((edges[..., None] & own) > 0).float() @ weights

    @contextmanager
    def _told(self, matched: Tensor) -> Iterator[None]:
        """Within, what the words match is added to the tokens' embeddings.

        A hook, as encoders that are given embeddings in place of ids don't all count positions in the same way.
        """

        def add(_module: nn.Module, _inputs: Any, embedded: Tensor) -> Tensor:
            # Longformer pads its input itself.
            told = F.pad(self.matched(matched), (0, 0, 0, embedded.shape[1] - matched.shape[1]))
            return embedded + told.to(embedded.dtype)

        hook = self.encoder.get_input_embeddings().register_forward_hook(add)
        try:
            yield
        finally:
            hook.remove()

    def fitter(self) -> Fitter:
        """What makes windows for this model."""
        settings = self.settings
        image_id = self.tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
        return Fitter(self.tokenizer, image_id, settings.max_tokens, settings.alt_in_input, settings.matches)

    def save(self, folder: Path) -> None:
        """Writes weights (safetensors), the encoder's config, the tokenizer and span.json."""
        folder.mkdir(parents=True, exist_ok=True)
        self.encoder.config.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        weights = {name: weight.detach().cpu().contiguous() for name, weight in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        write_bytes(folder / "span.json", (self.settings.model_dump_json(indent=2) + "\n").encode())


def new_model(folder: Path, settings: Settings, attention_dropout: float) -> SpanModel:
    """A model to train, from a folder with a pretrained Hugging Face encoder and its tokenizer.

    The settings' max_tokens is lowered to what the encoder takes. Raises WebpairsError where the folder doesn't hold a
    usable encoder.
    """
    tokenizer = _tokenizer(folder)
    tokenizer.add_special_tokens({"additional_special_tokens": [IMAGE_TOKEN]})
    encoder = _encoder(folder, attention_dropout)
    _check_vocabulary(tokenizer, encoder.get_input_embeddings().num_embeddings, folder)
    encoder.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    _name_image_token(encoder, tokenizer)
    tokens = min(settings.max_tokens, _positions(encoder, tokenizer))
    if tokens < _LEAST_TOKENS:
        raise WebpairsError(
            f"The encoder in {folder} takes {tokens} tokens at most, too few for a text with {IMAGE_TOKEN}: "
            "set foundation.encoder to another, or mend model_max_length in its tokenizer_config.json."
        )
    return SpanModel(encoder, tokenizer, settings.model_copy(update={"max_tokens": tokens}))


def untrained(folder: Path, settings: Settings, seed: int) -> SpanModel:
    """The encoder in a folder with heads that know nothing, drawn by seed, ready to predict; it never says none."""
    torch.manual_seed(seed)
    return new_model(folder, settings.model_copy(update={"calibration": None}), 0.0).eval()


def read_settings(folder: Path) -> Settings:
    """The settings of the trained model in a folder; raises WebpairsError where there is none, or one of another
    version.
    """
    try:
        text = (folder / "span.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise WebpairsError(f"{folder} holds no span model: run `make all`, or `dvc repro train_span`.") from None
    try:
        return Settings.model_validate_json(text)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, detail['loc']))}: {detail['msg']}" for detail in error.errors()]
        heading = f"{folder} holds a span model of another version of webpairs: train it again, `dvc repro train_span`."
        raise listing(heading, problems) from None


def load_model(folder: Path) -> SpanModel:
    """The trained model that `SpanModel.save` wrote, ready to predict; raises WebpairsError where there is none."""
    settings = read_settings(folder)
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        encoder = AutoModel.from_config(AutoConfig.from_pretrained(folder))
        if len(tokenizer) != encoder.config.vocab_size:
            raise ValueError(f"The tokenizer has {len(tokenizer)} tokens, the encoder {encoder.config.vocab_size}.")
        model = SpanModel(encoder, tokenizer, settings)
        model.load_state_dict(load_file(folder / "model.safetensors"))
    except Exception as error:  # each of the libraries raises its own
        raise WebpairsError(
            f"The span model in {folder} is damaged: restore it with `dvc checkout`, or train it again, `dvc repro "
            f"train_span`. {error}"
        ) from error
    if settings.precision == "bfloat16":
        model.encoder.to(torch.bfloat16)  # float32 beneath is for training
    return model.eval()


def encoder_source(folder: Path) -> dict[str, Any]:
    """The source.json of an encoder, as metrics and span.json hold it."""
    return dict(source(folder))


def best_device() -> torch.device:
    """The GPU where there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def best_precision(wanted: Literal["auto", "float32", "bfloat16"]) -> Literal["float32", "bfloat16"]:
    """What is wanted; for `auto` bfloat16 where this machine multiplies it in hardware, else float32.

    Measured: with AVX512-BF16 twice as fast as float32, with AMX 1.7 to 3 times; without either it is emulated, slower.
    """
    if wanted != "auto":
        return wanted
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    has = torch.cpu.get_capabilities()
    return "bfloat16" if has.get("avx512_bf16") or has.get("amx_bf16") else "float32"


def _encoder(folder: Path, attention_dropout: float) -> Any:
    """The encoder in a folder, whole, in float32 whatever its weights are kept in: small steps get lost in less."""
    try:
        config = AutoConfig.from_pretrained(folder)
        for name in ("attention_probs_dropout_prob", "attention_dropout"):
            if hasattr(config, name):
                setattr(config, name, attention_dropout)
        encoder, report = AutoModel.from_pretrained(
            folder, config=config, dtype=torch.float32, output_loading_info=True
        )
    except Exception as error:  # each format of weights has its own
        raise WebpairsError(f"{folder} holds no encoder that transformers can load: {error}") from error
    missing = sorted(name for name in report["missing_keys"] if "pooler" not in name)
    if missing:
        raise WebpairsError(f"{folder}: the weights lack {len(missing)} parameters, such as {missing[0]}.")
    if config.is_encoder_decoder or not isinstance(_embeddings(encoder), nn.Embedding):
        raise WebpairsError(
            f"{folder} holds a {type(encoder).__name__}, to whose embeddings {IMAGE_TOKEN} can't be added: set "
            "foundation.encoder to an encoder of the BERT or RoBERTa kind."
        )
    return encoder


def _embeddings(encoder: Any) -> Any:
    try:
        return encoder.get_input_embeddings()
    except NotImplementedError:  # of bytes or letters, hashed
        return None


def _tokenizer(folder: Path) -> Any:
    try:
        return AutoTokenizer.from_pretrained(folder)
    except Exception as error:  # tokenizers raises no more specific one for a damaged vocabulary
        raise WebpairsError(f"{folder} holds no tokenizer that transformers can load: {error}") from error


def _check_vocabulary(tokenizer: Any, rows: int, folder: Path) -> None:
    """A tokenizer made from a wrong file comes out with a handful of tokens and no error: every word is unknown."""
    problems = []
    if not tokenizer.is_fast:
        problems.append("it is not a fast one, so its tokens have no offsets")
    if None in (tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.pad_token_id):
        problems.append("it has no tokens for start, separator and padding")
    if not rows // 2 < len(tokenizer) <= rows + 1:
        problems.append(f"it has {len(tokenizer)} tokens, the encoder's embeddings have {rows}")
    if len(tokenizer(IMAGE_TOKEN, add_special_tokens=False)["input_ids"]) != 1:
        problems.append(f"{IMAGE_TOKEN} is more than one token")
    if problems:
        raise WebpairsError(
            f"The tokenizer in {folder} doesn't fit its encoder: {'; '.join(problems)}. Set foundation.encoder to an "
            "encoder of the BERT or RoBERTa kind with its tokenizer."
        )


def _name_image_token(encoder: Any, tokenizer: Any) -> None:
    """[IMG] begins as the word image: a few hundred examples teach little more."""
    embeddings = encoder.get_input_embeddings().weight
    named = tokenizer("image", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        embeddings[tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)] = embeddings[named].mean(0)


def _positions(encoder: Any, tokenizer: Any) -> int:
    """How many tokens the encoder takes; RoBERTa's first positions are taken by padding.

    Rotary and relative positions have no embeddings: there the config says how long the texts were that it has seen.
    """
    limits = [int(tokenizer.model_max_length)]
    if (seen := getattr(encoder.config, "max_position_embeddings", None) or 0) > 0:
        limits.append(seen)
    for name, module in encoder.named_modules():
        if name.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            limits.append(module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1))
    return min(limits)


def _without_pooler(encoder: Any) -> Any:
    """Spans need no pooled state, and parameters that never get a gradient only take space."""
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder
