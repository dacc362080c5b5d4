from pathlib import Path

import pytest

from tests.archive import builders
from webpairs.archive.inputs import resolve, safe_name, url_name


def test_files_folders_globs_urls_and_the_sample(tmp_path: Path) -> None:
    one = builders.warc(tmp_path / "one.warc")
    deep = builders.warc(tmp_path / "crawl" / "x" / "deep.warc")
    flat = builders.warc(tmp_path / "crawl" / "flat.warc")
    (tmp_path / "crawl" / "README.txt").write_text("not an archive")
    url = "https://a.example/b.warc.gz"
    found = resolve([str(one), str(tmp_path / "crawl"), str(tmp_path / "*" / "f*.warc"), url, "sample"])
    assert found.files == (one, flat, deep, flat)
    assert found.urls == (url,)
    assert found.sample
    assert found.problems == ()


def test_globs_go_into_folders_with_two_stars(tmp_path: Path) -> None:
    deep = builders.warc(tmp_path / "a" / "b" / "deep.warc")
    assert resolve([f"{tmp_path}/**/*.warc"]).files == (deep,)


def test_a_name_with_signs_of_a_glob_is_a_name_first(tmp_path: Path) -> None:
    odd = builders.warc(tmp_path / "a[1].warc")
    assert resolve([str(odd)]).files == (odd,)


def test_every_input_that_names_nothing_is_a_problem_with_a_next_step(tmp_path: Path) -> None:
    (tmp_path / "hollow").mkdir()
    given = ["away.warc.gz", str(tmp_path / "*.warc"), str(tmp_path / "hollow"), "s3://bucket/a.warc.gz"]
    found = resolve(given)
    assert found.files == ()
    assert len(found.problems) == len(given)
    for problem, name in zip(found.problems, given, strict=True):
        assert problem.startswith(f"{name}: ")
        assert ": " in problem.removeprefix(f"{name}: ")


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/crawl/b%20c.warc.gz?token=1", "b_c.warc.gz"),
        ("https://a.example/", "a.example"),
        ("https://a.example/..%2f..%2fetc", "etc"),
    ],
)
def test_urls_become_safe_names(url: str, name: str) -> None:
    assert url_name(url) == name


def test_safe_names() -> None:
    assert safe_name("../a b/ü.warc") == "_a_b__.warc"
    assert safe_name(".hidden") == "hidden"
    assert safe_name("…") == "_"
    assert len(safe_name("a" * 500 + ".warc.gz")) == 150
