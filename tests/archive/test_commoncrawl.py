import gzip
import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.archive.remote import Site
from webpairs import params
from webpairs.archive import commoncrawl
from webpairs.archive.commoncrawl import choose
from webpairs.archive.kept import Failed

SNAPSHOT = "CC-MAIN-2024-10"
SEGMENT = f"crawl-data/{SNAPSHOT}/segments/1707947473347.0"
CAPTURES = [f"CC-MAIN-20240220211055-20240221001055-{number:05d}" for number in range(40)]
WARCS = [f"{SEGMENT}/warc/{capture}.warc.gz" for capture in CAPTURES]
WATS = [f"{SEGMENT}/wat/{capture}.warc.wat.gz" for capture in CAPTURES]


def lists(site: Site, paths: list[str], kind: str = "warc", root: str = "") -> None:
    content = gzip.compress("".join(f"{path}\n" for path in paths).encode())
    site.files[f"{root}/crawl-data/{SNAPSHOT}/{kind}.paths.gz"] = content


def chosen(site: Site, files: int = 5, seed: int = 1, kind: str = "warc", base: str = "") -> list[str]:
    """The captures chosen, once their URLs are found to be complete."""
    values = {"files": files, "seed": seed, "kind": kind, "base": base or site.base}
    found = choose(SNAPSHOT, params.CommonCrawl.model_validate(values)).urls
    known = {f"{(base or site.base).rstrip('/')}/{path}" for path in [*WARCS, *WATS]}
    assert set(found) <= known
    assert list(found) == sorted(found)
    return [Path(url).name.partition(".")[0] for url in found]


def fails(site: Site, reason: str) -> str:
    with pytest.raises(Failed, match=reason) as caught:
        chosen(site)
    return str(caught.value)


def test_a_seed_chooses_the_same_files_for_ever(site: Site) -> None:
    lists(site, WARCS)
    assert [capture[-5:] for capture in chosen(site, 3)] == ["00009", "00014", "00017"]


def test_more_files_add_to_fewer(site: Site) -> None:
    lists(site, WARCS)
    choices = [set(chosen(site, files)) for files in range(1, 41)]
    assert [len(choice) for choice in choices] == list(range(1, 41))
    assert all(fewer < more for fewer, more in pairwise(choices))


def test_seeds_choose_differently_and_leave_nothing_out(site: Site) -> None:
    lists(site, WARCS)
    choices = [frozenset(chosen(site, seed=seed)) for seed in range(60)]
    assert len(set(choices)) == 60
    assert frozenset.union(*choices) == set(CAPTURES)


def test_neither_the_order_nor_repeats_matter(site: Site) -> None:
    lists(site, WARCS)
    before = chosen(site)
    lists(site, random.Random(1).sample(WARCS * 2, 80))
    assert chosen(site) == before


def test_wat_files_are_those_of_the_same_captures(site: Site) -> None:
    lists(site, WARCS)
    lists(site, WATS, "wat")
    assert chosen(site, kind="wat") == chosen(site, kind="warc")


def test_the_base_may_end_in_a_slash_or_be_a_bucket(site: Site) -> None:
    lists(site, WARCS)
    lists(site, WARCS, root="/commoncrawl")
    assert chosen(site, base=f"{site.base}/") == chosen(site)
    assert chosen(site, base="s3://commoncrawl/") == chosen(site)


def test_of_a_small_snapshot_all_is_taken_and_the_number_told(site: Site) -> None:
    lists(site, WARCS[:3])
    settings = params.CommonCrawl(files=5, seed=1, kind="warc", base=site.base)
    found = choose(SNAPSHOT, settings)
    assert found.urls == tuple(f"{site.base}/{path}" for path in WARCS[:3])
    assert found.listed == 3


def test_a_list_that_has_not_changed_is_not_fetched_again(site: Site) -> None:
    lists(site, WARCS)
    chosen(site)
    chosen(site)
    assert [bool(given) for given in site.sent("if-none-match")] == [False, True]


def test_no_such_snapshot(site: Site) -> None:
    reason = fails(site, "there is no such snapshot, or it has no warc files")
    assert f"{site.base}/crawl-data/{SNAPSHOT}/warc.paths.gz, status 404" in reason


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/a.warc.gz",
        "crawl-data/../../a.warc.gz",
        "crawl-data/./a.warc.gz",
        "crawl-data//a.warc.gz",
        "/etc/a.warc.gz",
        "https://elsewhere.example/a.warc.gz",
        "@elsewhere.example/a.warc.gz",
        "crawl-data/%2e%2e/a.warc.gz",
        "crawl-data/a.warc.gz?x=b.warc.gz",
        "crawl-data/a\x1b[2J.warc.gz",
        "crawl-data/a b.warc.gz",
        "crawl-data/ä.warc.gz",
        "crawl-data/a.warc.gz\r",
        "crawl-data/index.html",
    ],
)
def test_lists_with_paths_that_lead_elsewhere_are_refused(site: Site, path: str) -> None:
    lists(site, [*WARCS, path])
    assert path.encode("unicode_escape").decode("ascii")[:9] in fails(site, "names what can't be one").replace(
        "\\\\", "\\"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the list of its files is empty"),
        (gzip.compress(b"\n\n", mtime=0), "the list of its files is empty"),
        (b"<html>", "the list of its files is broken"),
        (gzip.compress(random.Random(1).randbytes(9999), mtime=0)[:-99], "the list of its files is broken"),
        (gzip.compress(bytes(999), mtime=0)[:10] + b"\xff" * 99, "the list of its files is broken"),
    ],
    ids=["nothing", "blank lines", "a page", "cut", "damaged"],
)
def test_what_is_no_list_is_refused(site: Site, content: bytes, reason: str) -> None:
    site.files[f"/crawl-data/{SNAPSHOT}/warc.paths.gz"] = content
    fails(site, reason)


def test_endless_lists_are_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    lists(site, WARCS)
    with monkeypatch.context() as patched:
        patched.setattr(commoncrawl, "MAX_LISTING", 100)
        fails(site, "more than 100 bytes")
    monkeypatch.setattr(commoncrawl, "MAX_UNPACKED", 1000)
    fails(site, "longer than 1,000 bytes")
