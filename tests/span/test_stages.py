"""The stages label, train_span, evaluate_span and describe, one after the other."""

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from stages import describe, evaluate_span, label, train_span
from tests.span.conftest import SILVER, candidate, planted, write_candidates
from webpairs.errors import WebpairsError
from webpairs.evaluation import gold
from webpairs.metrics import read_metrics, read_tsv
from webpairs.params import Params, TrainSpan, load
from webpairs.records import DESCRIPTIONS, PAGES, TRUTH, WINDOWED
from webpairs.span import describe as module
from webpairs.span.model import SpanModel
from webpairs.span.silver import CATEGORIES

STAGES = (label, train_span, evaluate_span, describe)


@pytest.fixture
def params(training: TrainSpan) -> Params:
    base = load(Path(__file__).parents[2] / "params.yaml")
    return base.model_copy(update={"label": SILVER, "train_span": training})


@pytest.fixture
def repository(tmp_path: Path, bert: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with candidates in two archives, the truth about some of them, and an encoder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(bert, "data/models/encoder")
    candidates = planted(domains=8, each=10)
    write_candidates("a.parquet", candidates[:40])
    blind = pl.DataFrame([candidate(999, domain="blind.example")], schema=WINDOWED)
    write_candidates("b.parquet", pl.concat([candidates[40:], blind]))
    rows = [
        dict.fromkeys(TRUTH, "")
        | {"page_url": row["page_url"], "image_url": row["image_url"], "urls": [row["image_url"]], "position": 0}
        | {"role": "content", "place": "just_after", "description": row["alt"]}
        for row in candidates.iter_rows(named=True)
    ]
    Path("data/archive").mkdir()
    pl.DataFrame(rows, schema=TRUTH).write_parquet("data/archive/truth.parquet")
    return tmp_path


def digests() -> dict[str, str]:
    """Of everything written, but for speed and scratch."""
    files = sorted(path for top in ("data", "metrics") for path in Path(top).rglob("*") if path.is_file())
    return {
        path.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files if "speed" not in path.parts
    }


def check_categories(judged: dict[str, Any]) -> None:
    """The table by category says what the metrics say."""
    rows = {row["category"]: row for row in read_tsv(Path("metrics/evaluate_span/categories.tsv"))}
    assert list(rows) == ["any", *CATEGORIES]
    assert {name: int(row["n"]) for name, row in rows.items() if name != "any"} == {
        **{name: own["n"] for name, own in judged["by_category"].items()},
        "none": judged["abstention"]["without_description"],
    }
    assert float(rows["any"]["token_f1"]) == judged["token_f1"]
    assert float(rows["any"]["none"]) == 0  # this model can't say it
    assert rows["none"]["iou"] == ""
    shares = read_tsv(Path("metrics/evaluate_span/iou_by_category.tsv"))
    found = {row["category"] for row in shares}
    assert found == {name for name, row in rows.items() if row["iou"]}
    assert sum(float(row["share"]) for row in shares) == pytest.approx(len(found), abs=1e-4)


def check_plots() -> None:
    """DVC's plots of these stages name tables and columns that are there, and templates that know their columns."""
    repository = Path(__file__).parents[2]
    plots = yaml.safe_load((repository / "dvc.yaml").read_text(encoding="utf-8"))["plots"]
    seen = 0
    for one in plots:
        ((name, plot),) = one.items()
        ((table, columns),) = plot["y"].items()
        if table.split("/")[1] in ("train_span", "evaluate_span"):
            header = set(Path(table).read_text().splitlines()[0].split("\t"))
            assert header >= {plot["x"], *([columns] if isinstance(columns, str) else columns)}, name
            template = plot.get("template")
            # The other templates are DVC's own.
            if template is not None and template != "bar_horizontal":
                text = (repository / ".dvc" / "plots" / f"{template}.json").read_text(encoding="utf-8")
                made = set(re.findall(r'"as": "([^"]+)"', text))
                assert set(re.findall(r"datum\.(\w+)", text)) <= header | made | {"found", "all"}, name
            seen += 1
    assert seen == 10


@pytest.mark.usefixtures("repository")
def test_all_stages_and_the_same_bytes_again(params: Params) -> None:
    for stage in STAGES:
        stage.run(params)
    first = digests()
    shutil.rmtree(".scratch")
    for stage in STAGES:
        stage.run(params)
    assert digests() == first

    names = {path for path in first if path.startswith("metrics/")}
    tables = {"train_span/history", "train_span/iou_distribution", "evaluate_span/iou_by_category"}
    tables |= {f"evaluate_span/{name}" for name in ("categories", "places", "baselines", "calibration")} | {
        "label/kinds"
    }
    assert names == {f"metrics/{stage.__name__.split('.')[-1]}.json" for stage in STAGES} | {
        f"metrics/{table}.tsv" for table in tables
    }
    evaluated = read_metrics(Path("metrics/evaluate_span.json"))
    assert evaluated["test"]["n"] == read_metrics(Path("metrics/label.json"))["examples"]["test"]
    assert set(evaluated["truth"]["text"]) == {
        "span_model",
        "alt_text",
        "nearest_paragraph",
        "longest_sentence",
        "figcaption",
        "untrained",
    }
    assert evaluated["truth"]["text"]["alt_text"]["f1"] == 1
    assert {row["place"] for row in read_tsv(Path("metrics/evaluate_span/places.tsv"))} == {"just_after"}
    for name in ("test", "truth"):
        calibration = evaluated[name]["calibration"]
        assert calibration["n"] == evaluated[name]["abstention"]["images"]
        assert (
            set(calibration["by_chance"])
            == set(calibration["expected_calibration_error"])
            == {"calibrated", "span", "support"}
        )
    curve = read_tsv(Path("metrics/evaluate_span/calibration.tsv"))
    counted = {(row["set"], row["confidence_of"]): 0 for row in curve}
    for row in curve:
        counted[row["set"], row["confidence_of"]] += int(row["n"])
    assert set(counted) == {(of, name) for of in ("test", "truth") for name in ("calibrated", "span", "support")}
    assert all(count == evaluated[of]["calibration"]["n"] for (of, _), count in counted.items())
    check_categories(evaluated["test"])
    check_plots()
    described = pl.read_parquet("data/descriptions/b.parquet")
    assert dict(described.schema) == DESCRIPTIONS
    assert described["description"].null_count() == 1
    assert read_metrics(Path("metrics/describe.json"))["candidates"] == 81
    speed = read_metrics(Path("metrics/speed/describe.json"))
    assert speed["new_spans"] == 81
    assert speed["seconds_per_1000_images"] == pytest.approx(
        1000 * speed["seconds"] / 81, rel=1e-3
    )  # metrics are rounded
    assert speed["peak_memory_mb"] > 50
    for name in ("evaluate_span", "describe", "train_span"):
        assert read_metrics(Path(f"metrics/{name}.json"))["models"]["encoder"]["name"] == "bert"


@pytest.mark.usefixtures("repository")
def test_one_archive_more_costs_one_archive(params: Params) -> None:
    for stage in (label, train_span, describe):
        stage.run(params)
    write_candidates("c.parquet", planted(1, 5, seed=7))
    describe.run(params)
    assert read_metrics(Path("metrics/speed/describe.json"))["new_spans"] == 5
    assert read_metrics(Path("metrics/describe.json"))["candidates"] == 86


@pytest.mark.usefixtures("repository")
def test_a_long_archive_is_described_in_parts(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in (label, train_span, describe):
        stage.run(params)
    whole = pl.read_parquet("data/descriptions/*.parquet")
    shutil.rmtree(".scratch/describe")
    monkeypatch.setattr(module, "TOGETHER", 7)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")
    loaded = []
    load_model = module.load_model
    monkeypatch.setattr(module, "load_model", lambda folder: (loaded.append(folder), load_model(folder))[1])
    module._model.cache_clear()
    describe.run(params)
    assert len(loaded) == 1  # for twelve parts
    assert len(list(Path(".scratch/describe").iterdir())) == 6 + 6  # 40 candidates in one file, 41 in the other
    sure = "^.*confidence$"  # the last bits of these hang on what is in a batch
    assert pl.read_parquet("data/descriptions/*.parquet").drop(sure).equals(whole.drop(sure))
    assert read_metrics(Path("metrics/speed/describe.json"))["new_spans"] == whole.height == 81


@pytest.mark.usefixtures("repository")
def test_real_archives_have_no_truth(params: Params) -> None:
    pl.DataFrame(schema=TRUTH).write_parquet("data/archive/truth.parquet")
    for stage in (label, train_span, evaluate_span):
        stage.run(params)
    assert read_metrics(Path("metrics/evaluate_span.json"))["truth"] is None
    header = Path("metrics/evaluate_span/places.tsv").read_text()
    assert header == "set\tsystem\tplace\tn\tprecision\trecall\tf1\texact_match\tiou\n"


def _with_gold(domain: str) -> pl.DataFrame:
    """Gold rows of this domain's ten images, whose pages get the digests of their bodies: six described, two by
    nothing; of one the description is gone from its page, and one is no candidate any more.
    """
    rows = []
    for file in sorted(Path("data/pages").iterdir()):
        pages, candidates = pl.read_parquet(file), pl.read_parquet(Path("data/candidates") / file.name)
        own = candidates.select("page_id", "domain", "alt")
        pages = pages.drop("domain").join(own.drop("alt"), "page_id", maintain_order="left")
        pages.with_columns(record_digest="page_id").select(*PAGES).write_parquet(file)
        for page, alt in (
            pages.filter(domain=domain).join(own, "page_id", maintain_order="left")["page_id", "alt"].rows()
        ):
            text = pages.filter(page_id=page)["text"].item()
            rows.append({"archive": file.name, "domain": domain, "record_digest": page, "record_offset": 0})
            rows[-1] |= {
                "dom_path": "",
                "kind": "sentence",
                "spans": str(gold.place(text, text.index(alt), text.index(alt) + len(alt))),
            }
    rows[0] |= {"dom_path": "html>img"}
    rows[1] |= {"spans": str(gold.place("gone", 0, 4))}
    for row in rows[2:4]:
        row |= {"kind": gold.NONE, "spans": ""}
    return pl.DataFrame([row | {"first": row["spans"], "second": row["spans"]} for row in rows], schema=gold.SCHEMA)


@pytest.mark.usefixtures("repository")
def test_gold_images_are_judged_with_and_not_learned_from(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = next(name for name in (f"site{n}.example" for n in range(8)) if gold.split_of(name) == gold.TEST)
    table = _with_gold(domain)
    monkeypatch.setattr(gold, "read", lambda: table)
    for stage in (label, train_span, evaluate_span):
        stage.run(params)
    for name in ("train", "validation", "test"):
        assert (domain in pl.read_parquet(f"data/examples/{name}.parquet")["domain"]) == (name == "test")
    found = read_metrics(Path("metrics/evaluate_span.json"))["gold"]
    assert found["lost"] == 2
    # Both passes say the same wherever the page still says it.
    assert found["agreement"] == {"images": 10, "kappa_of_none": 1.0, "both_described": 7, "token_f1": 1.0}
    assert {scope: found[scope]["span_model"]["n"] for scope in ("text", "page", "overall")} == {
        "text": 6,
        "page": 8,
        "overall": 8,
    }
    assert found["text"]["alt_text"]["exact_match"] == found["text"]["alt_text"]["iou"] == 1
    assert found["page"]["alt_text"]["precision"] == 0.75
    assert (found["abstention"]["images"], found["abstention"]["without_description"]) == (8, 2)
    assert found["calibration"]["n"] == 8
    places = [row for row in read_tsv(Path("metrics/evaluate_span/places.tsv")) if row["set"] == "gold"]
    assert {row["place"]: int(row["n"]) for row in places} == {"sentence": 6, "nowhere": 2}
    curve = [row for row in read_tsv(Path("metrics/evaluate_span/calibration.tsv")) if row["set"] == "gold"]
    for name in ("span", "support", "calibrated"):
        assert sum(int(row["n"]) for row in curve if row["confidence_of"] == name) == 8


@pytest.mark.usefixtures("repository")
def test_a_killed_training_leaves_what_was_there(params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    label.run(params)
    train_span.run(params)
    before = digests()

    def killed(_: SpanModel, folder: Path) -> None:
        (folder / "config.json").write_text("{")
        raise KeyboardInterrupt

    other = params.model_copy(update={"train_span": params.train_span.model_copy(update={"seed": 2})})
    with monkeypatch.context() as patch:
        patch.setattr(SpanModel, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            train_span.run(other)
    kept = {path: digest for path, digest in digests().items() if "/.span.partial/" not in path}
    assert kept == before
    train_span.run(other)
    assert digests().keys() == before.keys()
    assert digests() != before


def test_too_few_domains_leave_nothing(repository: Path, params: Params) -> None:
    for path in repository.glob("data/candidates/*.parquet"):
        path.unlink()
    write_candidates("a.parquet", planted(2, 5))
    with pytest.raises(WebpairsError, match="Only 2 domain"):
        label.run(params)
    assert not Path("data/examples").exists() and not Path("metrics").exists()
