"""The three stages one after the other, on the tiny SDXL and a tiny CLIP."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from stages import evaluate_images, finetune, generate
from tests.clip.tiny import write_tiny_clip
from tests.diffusion.tiny import FINETUNE, GENERATE
from webpairs import params
from webpairs.errors import WebpairsError
from webpairs.metrics import read_metrics, read_tsv

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
WANTED = params.load(Path(__file__).parents[2] / "params.yaml").model_copy(
    update={"finetune": FINETUNE, "generate": GENERATE.model_copy(update={"prompts": "thesis", "groups": 2})}
)


@pytest.fixture
def checkout(sdxl, pairs, tmp_path, monkeypatch):
    """A working directory with what the stages read."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(sdxl, "data/models/sdxl")
    shutil.move(pairs, "data/pairs")
    write_tiny_clip(Path("data/models/clip"))
    return tmp_path


def contents():
    folders = [Path("data/models/finetuned"), Path("data/generated"), Path("metrics")]
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if "speed" not in path.parts}


def run_all():
    for stage in (finetune, generate, evaluate_images):
        stage.run(WANTED)


def test_they_hand_on_real_data_and_write_the_same_bytes_again(checkout):
    run_all()
    first = contents()
    shutil.rmtree(".scratch")
    run_all()
    assert contents() == first
    assert not any(str(checkout).encode() in content for content in first.values())


@pytest.mark.usefixtures("checkout")
def test_what_they_measure():
    run_all()
    tuned, drawn, judged = (
        read_metrics(Path(f"metrics/{name}.json")) for name in ("finetune", "generate", "evaluate_images")
    )
    assert (tuned["pairs"], tuned["steps"], tuned["models"]["sdxl"]["stand_in"]) == (5, 4, True)
    assert len(read_tsv(Path("metrics/finetune/history.tsv"))) == 4
    assert (drawn["images"], drawn["prompts"], drawn["groups"]) == (40, 20, 4)
    assert drawn["models"]["finetuned"]["kind"] == "finetuned"
    assert judged["models"]["clip"]["stand_in"] is True
    assert (judged["images"], judged["sizes"]) == (40, ["32x32"])
    assert judged["compliance"]["all"]["difference"]["n"] == 20
    assert judged["compliance"]["all"]["difference"]["clusters"] == 2
    assert len(read_tsv(Path("metrics/evaluate_images/compliance.tsv"))) == 2 * 5 * 2
    assert {path.name for path in Path("metrics/evaluate_images").iterdir()} == {
        "compliance.tsv",
        "compliance_histogram.tsv",
        "complexity.tsv",
        "complexity_histogram.tsv",
    }
    speeds = {name: read_metrics(Path(f"metrics/speed/{name}.json")) for name in ("finetune", "generate")}
    assert speeds["finetune"]["steps_per_second"] > 0
    assert speeds["generate"]["images_per_second"] > 0


@pytest.mark.usefixtures("checkout")
def test_an_error_leaves_what_was_there():
    run_all()
    before = contents()
    shutil.rmtree("data/models/sdxl")
    for stage in (finetune, generate):
        with pytest.raises(WebpairsError, match="holds no model"):
            stage.run(WANTED)
    assert contents() == before
    assert len(pl.read_parquet("data/generated/images.parquet")) == 40
