from pathlib import Path

import pytest

from tests.archive import builders
from webpairs.archive.inputs import is_remote, resolve, safe_name, url_name


def test_files_folders_globs_urls_snapshots_and_the_sample(tmp_path: Path) -> None:
    one = builders.warc(tmp_path / "one.warc")
    deep = builders.warc(tmp_path / "crawl" / "x" / "deep.warc")
    flat = builders.warc(tmp_path / "crawl" / "flat.warc")
    (tmp_path / "crawl" / "README.txt").write_text("not an archive")
    urls = ("https://a.example/b.warc.gz", "s3://bucket/crawl/", "HTTP://a.example/*", "s3://bucket/**/*.warc.gz")
    names = [str(one), str(tmp_path / "crawl"), str(tmp_path / "*" / "f*.warc"), *urls, "sample"]
    found = resolve([*names, "commoncrawl:CC-MAIN-2024-10", "commoncrawl:CC-NEWS/2024/01", one.as_uri()])
    assert found.files == (one, flat, deep, flat, one)
    assert found.urls == urls
    assert found.snapshots == ("CC-MAIN-2024-10", "CC-NEWS/2024/01")
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
    given = ["away.warc.gz", str(tmp_path / "*.warc"), str(tmp_path / "hollow")]
    given += ["gs://bucket/a.warc.gz", "ftp://a.example/a.warc", "https:///a.warc", "http://[/a.warc", "s3://"]
    given += ["file://elsewhere/a.warc", (tmp_path / "away.warc").as_uri(), "http://"]
    given += ["commoncrawl:", "commoncrawl:CC-MAIN-2024-10/../x", "commoncrawl:cc-main-2024-10", "commoncrawl:CC 1"]
    found = resolve(given)
    assert (found.files, found.urls, found.snapshots) == ((), (), ())
    assert len(found.problems) == len(given)
    for problem, name in zip(found.problems, given, strict=True):
        assert problem.startswith(f"{name}: ")
        assert ": " in problem.removeprefix(f"{name}: ")


def test_local_files_by_their_url(tmp_path: Path) -> None:
    odd = builders.warc(tmp_path / "a b%.warc")
    assert resolve([odd.as_uri(), odd.as_uri().replace("file://", "FILE://localhost")]).files == (odd, odd)


@pytest.mark.parametrize(
    ("source", "remote"),
    [
        ("https://a.example/a.warc", True),
        ("s3://bucket/a.warc", True),
        ("file:///a.warc", False),
        ("a.warc", False),
        ("sample", False),
    ],
)
def test_urls_are_remote(source: str, remote: bool) -> None:
    assert is_remote(source) is remote


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://a.example/crawl/b%20c.warc.gz?token=1", "b_c.warc.gz"),
        ("https://a.example/", "a.example"),
        ("https://a.example/..%2f..%2fetc", "etc"),
        ("s3://bucket/crawl/a.warc.gz", "a.warc.gz"),
    ],
)
def test_urls_become_safe_names(url: str, name: str) -> None:
    assert url_name(url) == name


def test_safe_names() -> None:
    assert safe_name("../a b/ü.warc") == "_a_b__.warc"
    assert safe_name(".hidden") == "hidden"
    assert safe_name("…") == "_"
    assert len(safe_name("a" * 500 + ".warc.gz")) == 150
