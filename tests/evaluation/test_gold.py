"""The gold set: its table, texts found again, and agreement."""

import hashlib
from pathlib import Path

import polars as pl
import pytest

from tests.span.conftest import candidate
from webpairs.evaluation import gold
from webpairs.evaluation.gold import kappa, place, places, text_at
from webpairs.page.around import windowed
from webpairs.page.extract import extract_all, job
from webpairs.params import load
from webpairs.records import PAGES, WINDOWED
from webpairs.shards import sha256

ROOT = Path(__file__).parents[2]
ARCHIVES = ROOT.parent / "shared" / "warc" / "real"
TEXT = "We sailed for days. A red boat lies at the quay. The red boat was ours."
DIGEST = hashlib.sha256(b"page").hexdigest()


def written(*texts: str) -> str:
    return " ".join(str(place(TEXT, TEXT.index(one), TEXT.index(one) + len(one))) for one in texts)


def row(dom_path: str, *texts: str, kind: str = "sentence", first: str = "", second: str = "") -> dict[str, object]:
    own = {"archive": "a.warc", "domain": "a.example", "record_digest": DIGEST, "record_offset": 7}
    return own | {"dom_path": dom_path, "kind": kind, "spans": written(*texts), "first": first, "second": second}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    one, other = written("A red boat lies at the quay."), written("A red boat")
    rows = [
        row("html>img:nth-child(1)", "A red boat lies at the quay.", "The red boat", first=one, second=one),
        row("html>img:nth-child(2)", kind="none"),
        row("html>img:nth-child(3)", "The red boat", first=one, second=other),
        row("html>img:nth-child(4)", "The red boat", first="", second=other),
    ]
    frame = pl.DataFrame(rows, schema=gold.SCHEMA)
    monkeypatch.setattr(gold, "read", lambda: frame)
    return frame


def pages(text: str = TEXT) -> pl.DataFrame:
    empty = dict.fromkeys(PAGES)
    return pl.DataFrame([empty | {"page_id": "p", "record_digest": DIGEST, "text": text}], schema=PAGES)


def windows(numbers: tuple[int, ...]) -> pl.DataFrame:
    rows = [candidate(n, page_id="p", dom_path=f"html>img:nth-child({n})") for n in numbers]
    return pl.DataFrame(rows, schema=WINDOWED)


def test_the_table_that_is_shipped_is_sound() -> None:
    frame = gold.read()
    assert frame.height >= 200
    assert frame["domain"].n_unique() >= 12
    assert set(frame["kind"]) == {"caption", "sentence", "heading", "label", "none"}
    assert not frame.select("record_digest", "dom_path").is_duplicated().any()
    for kind, spans in frame.select("kind", "spans").iter_rows():
        assert (kind == "none") == (spans == "")
        assert all(one.length > 0 and one.start >= 0 and len(one.digest) == 16 for one in places(spans))


def test_what_is_chosen_by_and_what_is_judged_by_have_no_domain_in_common() -> None:
    splits = [gold.of_split(name) for name in (gold.VALIDATION, gold.TEST)]
    assert sum(split.height for split in splits) == gold.read().height
    validation, test = (set(split["domain"]) for split in splits)
    assert not validation & test
    assert min(len(validation), len(test)) >= 12 and splits[1].height >= 100


@pytest.mark.usefixtures("table")
def test_gold_images_get_their_descriptions() -> None:
    joined, lost = gold.join(windows((1, 2, 3, 9)), pages())
    assert joined["dom_path"].to_list() == [f"html>img:nth-child({n})" for n in (1, 2, 3)]
    assert joined["true"].to_list() == [["A red boat lies at the quay.", "The red boat"], [], ["The red boat"]]
    assert joined["place"].to_list() == ["sentence", "nowhere", "sentence"]
    assert lost == 1


@pytest.mark.usefixtures("table")
def test_texts_are_found_again_where_the_page_is_read_otherwise() -> None:
    joined, lost = gold.join(windows((1, 2, 3, 4)), pages("Menu\n" + TEXT))
    assert (joined["true"].to_list()[0][0], lost) == ("A red boat lies at the quay.", 0)
    joined, lost = gold.join(windows((1, 2, 3, 4)), pages(TEXT.replace("A red", "A blue")))
    assert (joined["dom_path"].to_list(), lost) == ([f"html>img:nth-child({n})" for n in (2, 3, 4)], 1)


def test_the_nearest_of_equal_texts_is_found() -> None:
    text = "boat boat boat"
    wanted = place(text, 5, 9)
    assert text_at(text, wanted) == "boat"
    assert text_at("no such thing", wanted) is None
    assert text_at("", wanted) is None


@pytest.mark.usefixtures("table")
def test_agreement() -> None:
    found = gold.agreement(pages())
    assert (found["images"], found["both_described"]) == (4, 2)
    # boat and red, of red boat lies at quay: precision 2/5, recall 1.
    assert found["token_f1"] == pytest.approx((1 + 4 / 7) / 2)
    assert found["kappa_of_none"] == pytest.approx(0.5)


@pytest.mark.parametrize("name", ["N0taN3rd+node-warc__books.toscrape.warc", "allenai+dolma__sample-0000.warc.gz"])
def test_the_table_that_is_shipped_leads_to_texts_of_the_archives(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ARCHIVES / name
    if not file.exists():
        pytest.skip(f"{name} is not beside the repository")
    monkeypatch.chdir(tmp_path)
    around = load(ROOT / "params.yaml").extract
    wanted = job(name, str(file), sha256(file), around.characters_before, around.characters_after)
    (extracted,) = extract_all([wanted])
    found = pl.concat([pl.read_parquet(wanted.pages(part)) for part in extracted.parts])
    candidates = pl.concat([pl.read_parquet(wanted.candidates(part)) for part in extracted.parts])
    joined, lost = gold.join(windowed(candidates, found.select("page_id", "text")), found)
    labelled = gold.read().filter(archive=name)
    assert (joined.height, lost) == (labelled.height, 0)
    spans = dict(labelled.select(pl.concat_str("record_digest", "dom_path"), "spans").rows())
    digest_of = dict(found.select("page_id", "record_digest").rows())
    for image in joined.iter_rows(named=True):
        answers = places(spans[digest_of[image["page_id"]] + image["dom_path"]])
        assert [place(text, 0, len(text)).digest for text in image["true"]] == [one.digest for one in answers]
    described = [text for texts in joined["true"] for text in texts]
    assert described and all(text.strip() == text for text in described)


def test_kappa() -> None:
    assert kappa([(True, True), (False, False)]) == 1
    assert kappa([(True, False), (False, True), (True, True), (False, False)]) == 0
    assert kappa([(True, True)] * 3) is None
    assert kappa([]) is None
