"""From what the user names to a candidate, or several."""

from pathlib import Path

import polars as pl
import pytest

from tests.explain.project import candidate, change
from webpairs.errors import WebpairsError
from webpairs.explain.find import Listing, find

PAGE = "http://a.example/harbour"


def listed(given: str) -> Listing:
    found = find(given)
    assert isinstance(found, Listing)
    return found


def test_a_candidate_by_its_id_or_its_first_digits() -> None:
    boat = candidate("/boat.jpg")
    for given in (boat["candidate_id"], boat["candidate_id"][:6], boat["candidate_id"][:9].upper()):
        assert find(given) == (boat, Path("data/candidates/a.warc.gz-00000.parquet"))


def test_a_page_by_its_id_its_first_digits_or_its_url() -> None:
    boat = candidate("/boat.jpg")
    for given in (boat["page_id"], boat["page_id"][:6], PAGE):
        found = listed(given)
        assert found.page is not None
        assert (found.given, found.page["page_url"]) == (given, PAGE)
        assert "text" not in found.page
        assert len(found.candidates) == 8
        assert boat["candidate_id"] in [row["candidate_id"] for row in found.candidates]


def test_an_image_by_any_of_its_urls() -> None:
    boat = candidate("/boat.jpg")
    for url in ("http://a.example/boat.jpg", "http://a.example/big.webp"):
        found = find(url)
        assert not isinstance(found, Listing)
        assert found[0] == boat


def test_an_image_on_several_pages_is_a_list() -> None:
    found = listed("http://a.example/shared.jpg")
    assert found.page is None
    assert [row["page_url"] for row in found.candidates] == [PAGE, "http://a.example/hostile?\x1b[31m\u202e"]


def test_a_url_of_several_captures_is_a_list() -> None:
    change("data/candidates", pl.lit(True), page_url="http://a.example/same")
    found = listed("http://a.example/same")
    assert found.page is None
    assert len(found.candidates) == 10


@pytest.mark.parametrize(
    ("given", "cause", "step"),
    [
        ("abcde", "too short", "at least its first 6 digits"),
        ("0" * 24, "No candidate or page", "make all"),
        ("0" * 25, "neither an ID nor a URL", "candidate_id"),
        ("boat\x1b[2J.jpg", r"boat\\\\x1b\[2J.jpg' is neither", "first 6 or more"),
        ("http://a.example/\x1b", r"the image or page http://a.example/\\x1b", "absolute"),
    ],
)
def test_what_means_nothing(given: str, cause: str, step: str) -> None:
    with pytest.raises(WebpairsError, match=cause) as caught:
        find(given)
    assert step in str(caught.value)


def test_digits_that_may_mean_several_name_these() -> None:
    ids = [f"abcdef{number:018x}" for number in range(1, 10)]
    file = next(Path("data/candidates").glob("*.parquet"))
    frame = pl.read_parquet(file)
    last = frame["page_id"][-1]
    frame.with_columns(candidate_id=pl.Series([*ids, "0" * 24])).write_parquet(file)
    with pytest.raises(WebpairsError, match="abcdef is the beginning of 9 IDs: give more digits") as caught:
        find("abcdef")
    lines = str(caught.value).splitlines()[1:]
    assert [line.strip().partition(":")[0] for line in lines] == ids
    assert lines[-1] == rf"  {ids[-1]}: img on http://a.example/hostile?\x1b[31m\u202e"
    # A page's ID may begin with the same digits.
    change("data/candidates", pl.col("candidate_id") == ids[0], candidate_id=last[:6] + "0" * 18)
    with pytest.raises(WebpairsError, match="of 2 IDs") as caught:
        find(last[:6])
    assert f"{last}: page " in str(caught.value)


def test_many_that_are_meant_are_not_all_named() -> None:
    for file in Path("data/candidates").glob("*.parquet"):
        frame = pl.concat([pl.read_parquet(file)] * 2)
        ids = pl.Series([f"abcdef{number:018x}" for number in range(frame.height)])
        frame.with_columns(candidate_id=ids).write_parquet(file)
    with pytest.raises(WebpairsError, match="of 20 IDs") as caught:
        find("abcdef")
    assert str(caught.value).splitlines()[-1] == "  and 10 more"


def test_tables_that_are_missing_or_of_another_version_are_named() -> None:
    file = next(Path("data/candidates").glob("*.parquet"))
    pl.read_parquet(file).drop("urls").write_parquet(file)
    with pytest.raises(WebpairsError, match=r"data/candidates can't be read .*urls.*make all"):
        find("http://a.example/boat.jpg")
    file.unlink()
    with pytest.raises(WebpairsError, match="data/candidates is missing: run `make all`"):
        find("abcdef")
