import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from PIL import Image

from tests.image.pictures import encoded
from tests.image.projects import run_stage, table
from webpairs import records
from webpairs.dataset.card import card
from webpairs.dataset.members import Members
from webpairs.dataset.pack import pack
from webpairs.dataset.selection import choose
from webpairs.errors import WebpairsError
from webpairs.shards import TarWriter, read_tar

COUNT = 12
CLIP = {"kind": "embedded", "name": "tiny", "revision": None, "stand_in": True}


def contents() -> dict[str, bytes]:
    """Images by their digest."""
    made = (encoded(40, 30, form="JPEG" if seed % 2 else "PNG", seed=seed) for seed in range(COUNT))
    return {hashlib.sha256(content).hexdigest(): content for content in made}


def scores() -> pl.DataFrame:
    rows = [
        {
            "candidate_id": hashlib.sha256(digest.encode()).hexdigest()[:24],
            "archive": "a.warc",
            "page_url": "http://a.example/page",
            "domain": f"{number % 3}.example",
            "image_url": f"http://a.example/{number}",
            "sha256": digest,
            "tar": "images-00000.tar",
            "member": f"{digest}.{'jpg' if number % 2 else 'png'}",
            "width": 40,
            "height": 30,
            "description": f"Ein Bild, número {number}",
            "description_score": 0.3 + number / 100,
            "span_confidence": 0.5,
            "confidence": 0.5,
        }
        for number, digest in enumerate(contents())
    ]
    return table(records.SCORES, rows)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    with TarWriter(Path("data/images/images-00000.tar")) as tar:
        for row in scores().sort("sha256").iter_rows(named=True):
            tar.add(row["member"], contents()[row["sha256"]])
    for path, text in (("data/models/clip/source.json", json.dumps(CLIP)), ("data/scores/.keep", "")):
        Path(path).parent.mkdir(parents=True)
        Path(path).write_text(text)
    scores().write_parquet("data/scores/scores.parquet")
    return tmp_path


def packed(folder: Path, rows: pl.DataFrame) -> pl.DataFrame:
    chosen = choose(rows, 0.0, None).kept
    return pack(chosen, Members(Path("data/images")).read, folder, holdout_share=0.3, shard_size=4, seed=1)


def test_tars_hold_image_text_and_record_of_each_pair_in_turn(project: Path) -> None:
    pairs = packed(project / "out", scores())
    members = [item for tar in sorted((project / "out").glob("*.tar")) for item in read_tar(tar)]
    assert len(members) == 3 * COUNT
    for image, text, record in zip(members[::3], members[1::3], members[2::3], strict=True):
        key, _, extension = image[0].partition(".")
        row = pairs.row(by_predicate=pl.col("key") == key, named=True)
        assert (text[0], record[0]) == (f"{key}.txt", f"{key}.json")
        assert text[1].decode() == row["text"]
        assert json.loads(record[1]) == pytest.approx(row)
        assert hashlib.sha256(image[1]).hexdigest() == row["sha256"]
        assert Image.open(io.BytesIO(image[1])).format == {"png": "PNG", "jpg": "JPEG"}[extension]


def test_tars_are_full_and_named_by_their_split(project: Path) -> None:
    pairs = packed(project / "out", scores())
    assert set(pairs["split"]) == {"train", "holdout"}
    for (tar, split), rows in pairs.group_by("tar", "split"):
        assert str(tar).startswith(f"{split}-0000")
        assert rows.height <= 4
    train = pairs.filter(pl.col("split") == "train").height
    assert len(list((project / "out").glob("train-*.tar"))) == -(-train // 4)


def test_the_table_is_that_of_the_pairs(project: Path) -> None:
    pairs = packed(project / "out", scores())
    assert dict(pairs.schema) == records.PAIRS
    assert pl.read_parquet(project / "out/pairs.parquet").equals(pairs)
    assert pairs["key"].to_list() == sorted(scores()["candidate_id"])


def test_the_same_pairs_give_the_same_bytes(project: Path) -> None:
    packed(project / "one", scores())
    packed(project / "two", scores()[::-1])
    one, two = ({path.name: path.read_bytes() for path in (project / name).iterdir()} for name in ("one", "two"))
    assert one == two


def run(program: str, folder: Path) -> list[str]:
    """The lines that a program prints; on its own, since webdataset leaves files open."""
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_webdataset_library_reads_them_as_the_card_says(project: Path) -> None:
    pairs = packed(project / "out", scores())
    example = re.search(r"```python\n(.*?)```", card(pairs, 0.2, 5000, CLIP, considered=99), re.DOTALL)
    assert example is not None
    decoding = """
for pair in webdataset.WebDataset(sorted(glob.glob("*.tar")), shardshuffle=False).decode("pil"):
    print(pair["__key__"], pair["txt"] == pair["json"]["text"], pair.get("jpg", pair.get("png")).size)
"""
    lines = run(f"import webpairs\n{example[1]}\n{decoding}", project / "out")
    train = pairs.filter(pl.col("split") == "train")
    assert sorted(lines[: train.height]) == sorted(f"(40, 30) {text}" for text in train["text"])
    assert sorted(lines[train.height :]) == [f"{key} True (40, 30)" for key in pairs["key"]]


def test_the_card_says_what_is_in_it_and_that_its_clip_is_a_stand_in(project: Path) -> None:
    pairs = packed(project / "out", scores())
    text = card(pairs, 0.2, 5000, CLIP, considered=99)
    counts = dict(pairs.group_by("split").len().iter_rows())
    assert f"12 pairs ({counts['train']} train, {counts['holdout']} holdout)" in text
    assert "from 3\ndomains" in text
    assert "Of 99 candidates" in text
    assert "at least 0.2; the best 5000" in text
    assert "stand-in" in text
    assert all(f"| {name} |" in text for name in records.PAIRS)
    real = CLIP | {"stand_in": False, "revision": "abc"}
    assert "stand-in" not in card(pairs, 0.2, 5000, real, considered=99)
    assert "revision `abc`" in card(pairs, 0.2, 5000, real, considered=99)


def test_the_stage_writes_dataset_and_metrics(project: Path) -> None:
    run_stage("select", min_clip=0.35, shard_size=4, holdout_share=0.3)
    metrics = json.loads((project / "metrics/select.json").read_text())
    assert (metrics["candidates"], metrics["pairs"], metrics["drops"]["below_min_clip"]) == (12, 7, 5)
    assert sum(metrics["splits"].values()) == 7
    assert metrics["models"]["clip"] == CLIP
    assert {"README.md", "pairs.parquet", "train-00000.tar"} <= {
        path.name for path in (project / "data/pairs").iterdir()
    }


def test_the_stage_says_what_to_change_where_nothing_is_chosen(project: Path) -> None:
    with pytest.raises(
        WebpairsError, match=r"select\.min_clip = 0\.9: the best of 12 descriptions scores 0\.4100\. Lower"
    ):
        run_stage("select", min_clip=0.9)
    assert not (project / "data/pairs").exists()


def test_a_member_that_is_missing_is_an_error(project: Path) -> None:
    with pytest.raises(KeyError):
        Members(project / "data/images").read("images-00000.tar", "none.png")
