"""The tiny SDXL and pairs to train it with, as fixtures."""

from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState

from tests.diffusion.tiny import drawing, tiny_sdxl, write_pairs


@pytest.fixture(autouse=True, scope="package")
def _one_thread():
    """Models this small only wait for each other on several threads, and for long where the cores are busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _fresh_accelerator():
    """accelerate keeps its state for the whole process, where a stage makes one accelerator and ends."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)
    PartialState._reset_state()
    GradientState._reset_state()


@pytest.fixture(scope="session")
def sdxl(tmp_path_factory) -> Path:
    return tiny_sdxl(tmp_path_factory.mktemp("models") / "sdxl")


@pytest.fixture
def pairs(tmp_path) -> Path:
    colours = ("red", "blue", "green", "orange", "purple")
    drawn = [(drawing((40 + 8 * place, 48), colour), f"a {colour} disc") for place, colour in enumerate(colours)]
    return write_pairs(tmp_path / "pairs", drawn)
