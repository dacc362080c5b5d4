"""Silver labels."""

from itertools import combinations, product
from random import Random
from typing import Any

import polars as pl
import pytest

from tests.span.conftest import SILVER, candidate, planted
from webpairs.errors import WebpairsError
from webpairs.page.normalise import normalise
from webpairs.records import EXAMPLES, WINDOWED
from webpairs.span.duplicates import jaccard, letters, runs
from webpairs.span.silver import category, example_of, label
from webpairs.span.splits import span_text

PARAMS = SILVER.model_copy(update={"max_words": 8})


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"alt": None}, "no_text"),
        ({"alt": "  "}, "no_text"),
        ({"alt": "eine Katze hier", "language": "de"}, "other_language"),
        ({"alt": "cat on sofa.jpg"}, "file_name"),
        ({"alt": "red cat, cheap cat, cat 2024, buy cat"}, "keywords"),
        ({"alt": "the cat"}, "too_short"),
        ({"alt": "one two three four five six seven eight nine"}, "too_long"),
        ({"alt": "cat porn"}, "nsfw"),
        ({"alt": "a dog in bed"}, "not_in_text"),
        ({"alt": "red cat", "text_before": "This is a red", "text_after": "cat."}, "not_in_text"),
        ({"alt": "red cat", "text_before": None, "text_after": None}, "not_in_text"),
    ],
)
def test_reasons(values: dict[str, Any], reason: str) -> None:
    row = candidate(1, **({"text_before": "Once a red cat sat. cat on sofa.jpg cat porn"} | values))
    assert example_of(row, PARAMS) == (None, {"alt": reason})


def test_the_occurrence_nearest_to_the_image_is_taken() -> None:
    before, after = "A red cat. Later the RED-CAT slept.\n", "Nothing here. A red cat.\n"
    found, _ = example_of(candidate(1, alt="The red cat!", text_before=before, text_after=after), PARAMS)
    assert found is not None
    assert (before + after)[found["start"] : found["end"]] == "the RED-CAT"
    assert found["alt"] == "The red cat!"


def test_of_two_as_near_the_one_before_is_taken() -> None:
    found, _ = example_of(candidate(1, alt="red cat", text_before="red cat.", text_after=" red cat"), PARAMS)
    assert found is not None
    assert (found["start"], found["end"]) == (0, 7)


@pytest.mark.parametrize(
    ("alt", "text", "span"),
    [
        ("A red cat", "This is a red cat.", "a red cat"),
        ("The red cat", "This is a red cat.", "red cat"),
        ("red cat", "This is a red cat.", "red cat"),
        ("“An owl sat", "See:\nAN\n owl sat", "AN\n owl sat"),
        ("A red cat", "Vitamin DA red cat", "red cat"),
        ("A red cat", "red cat", "red cat"),
    ],
)
def test_a_common_article_belongs_to_the_span(alt: str, text: str, span: str) -> None:
    for side in ("text_before", "text_after"):
        found, _ = example_of(candidate(1, alt=alt, **{side: text}), PARAMS)
        assert found is not None
        assert text[found["start"] : found["end"]] == span


@pytest.mark.parametrize(
    ("text", "span", "name"),
    [
        ("Vincent van Gogh", (0, 16), "name"),
        ("“Statue of Liberty”", (700, 719), "name"),
        ("A red cat sleeps", (84, 100), "just_before"),
        ("Red cat", (250, 257), "just_after"),
        ("cat on a Sofa", (100, 113), "just_after"),
        ("Five Capital Words Are Long", (100, 127), "just_after"),
        ("A red cat", (300, 309), "near_after"),
        ("A red cat", (501, 510), "deep"),
    ],
)
def test_categories(text: str, span: tuple[int, int], name: str) -> None:
    if name == "just_after" and text == "Red cat":
        text = "red cat"
    assert category(text, span, image=100) == name


def test_splits_share_no_domain_and_no_text() -> None:
    frame = planted(domains=9, each=12)
    shared = [
        candidate(1000 + n, domain=f"site{n}.example", alt="one alt for all", text_after="Here: one alt for all.")
        for n in range(9)
    ]
    labels = label([frame, pl.DataFrame(shared, schema=WINDOWED)], PARAMS)
    splits = labels.splits
    assert list(splits) == ["train", "validation", "test"]
    assert all(dict(split.schema) == EXAMPLES for split in splits.values())
    for key in ("domain", "alt"):
        seen = [{normalise(value)[0] for value in split[key]} for split in splits.values()]
        assert not (seen[0] & seen[1] or seen[0] & seen[2] or seen[1] & seen[2])
    assert "one alt for all" in splits["test"]["alt"].to_list()
    metrics = labels.metrics
    assert metrics["candidates"] == sum(metrics["drops"].values()) + metrics["examples"]["all"] == 9 * 13
    assert metrics["drops"]["in_two_splits"] > 0
    for split in splits.values():
        for row in split.iter_rows(named=True):
            text = (row["text_before"] + row["text_after"])[row["start"] : row["end"]]
            assert normalise(text)[0] == normalise(row["alt"])[0]


def _nearly_the_same(family: str, domain: int, words: list[str]) -> tuple[str, str]:
    """A description and a window that holds it: of a family the windows, or the descriptions, differ by one word."""
    own = Random(f"{family} {domain}")
    if family == "windows":
        window = [*words[:80], f"only{domain}"]
        return " ".join(window[5 * domain : 5 * domain + 4]), " ".join(window)
    description = " ".join([*words[100:130], f"only{domain}"] if family == "descriptions" else own.sample(words, 4))
    return description, " ".join([*own.sample(words, 40), description, *own.sample(words, 40)])


def test_nothing_is_nearly_the_same_in_two_splits() -> None:
    words = [f"w{Random(number).randrange(10**6)}" for number in range(400)]
    families = ["windows", "descriptions", *(f"single {number}" for number in range(6))]
    rows = []
    for number, (domain, family) in enumerate(product(range(9), families)):
        alt, window = _nearly_the_same(family, domain, words)
        rows.append(candidate(number, domain=f"site{domain}.example", alt=alt, text_after=window))
    params = SILVER.model_copy(update={"near_duplicate": 0.8})
    found = label([pl.DataFrame(rows, schema=WINDOWED)], params)
    # Of the two families one split keeps what it has, of the rest nothing is lost.
    kept = found.metrics["examples"]["all"]
    assert found.metrics["drops"]["in_two_splits"] == 9 * len(families) - kept > 0
    splits = [list(split.iter_rows(named=True)) for split in found.splits.values()]
    assert all(splits)
    for one, other in combinations(splits, 2):
        for mine, its in product(one, other):
            windows = (runs(f"{row['text_before']} {row['text_after']}") for row in (mine, its))
            assert jaccard(*windows) < 0.8
            assert jaccard(letters(span_text(mine)), letters(span_text(its))) < 0.8
    everything = [example_of(row, params)[0] for row in rows]
    assert all(everything), "each of them is an example by itself"
    for family in (0, 1):
        held = {n for n, split in enumerate(splits) for row in split if int(row["candidate_id"], 16) % 8 == family}
        assert len(held) == 1


def test_a_text_that_is_on_many_pages_with_several_images_is_boilerplate() -> None:
    enough = planted(domains=9, each=6)
    for pages, dropped in ((4, 4), (3, 0)):
        rows = [candidate(7000 + n, alt="fresh goats daily", text_after="Fresh goats daily.") for n in range(pages)]
        drops = label([enough, pl.DataFrame(rows, schema=WINDOWED)], PARAMS).metrics["drops"]
        assert drops["on_many_pages"] == dropped


def test_duplicates_are_dropped_once_a_domain_and_once_an_image() -> None:
    own = {"text_after": "A red cat."}
    rows = [
        candidate(1, domain="a.example", image_url="u:1", alt="red cat", **own),
        candidate(2, domain="a.example", image_url="u:2", alt="A red cat!", **own),
        candidate(3, domain="b.example", image_url="u:1", alt="red cat", **own),
    ]
    enough = planted(domains=9, each=6)
    labels = label([enough, pl.DataFrame(rows, schema=WINDOWED)], PARAMS)
    without = label([enough, pl.DataFrame(rows[:1], schema=WINDOWED)], PARAMS)
    assert labels.metrics["drops"]["duplicate"] - without.metrics["drops"]["duplicate"] == 2


def test_no_example_left_says_why() -> None:
    rows = [candidate(1), candidate(2), candidate(3, alt="a red cat", language="de")]
    with pytest.raises(WebpairsError, match=r"No example is left[^\0]*no_text: 2[^\0]*other_language: 1"):
        label([pl.DataFrame(rows, schema=WINDOWED)], PARAMS)
    with pytest.raises(WebpairsError, match="there were no candidates"):
        label([], PARAMS)


def test_a_split_emptied_by_leaks_is_an_error() -> None:
    rows = [
        candidate(n, domain=f"{n}.example", alt="the same red cat", text_before="The same red cat.") for n in range(5)
    ]
    with pytest.raises(WebpairsError, match=r"No example is left for train[^\0]*in_two_splits: 4"):
        label([pl.DataFrame(rows, schema=WINDOWED)], PARAMS)


def test_a_large_domain_is_capped_but_for_test() -> None:
    frame = pl.concat(
        [planted(domains=9, each=6), planted(domains=1, each=300, seed=5).with_columns(domain=pl.lit("b"))]
    )
    ids = pl.int_range(frame.height).cast(pl.String).str.zfill(24)
    frame = frame.with_columns(candidate_id=ids)
    capped = SILVER.model_copy(update={"max_per_domain": 4})
    labels = label([frame], capped)
    every = label([frame], SILVER)
    for name in ("train", "validation"):
        counts = labels.splits[name]["domain"].value_counts()["count"]
        assert counts.max() == 4 < every.splits[name]["domain"].value_counts()["count"].max()
    assert labels.splits["test"].equals(every.splits["test"])
    lost = every.metrics["examples"]["all"] - labels.metrics["examples"]["all"]
    assert labels.metrics["drops"]["beyond_max_per_domain"] == lost > 0
    assert labels.splits["train"].equals(label([frame], capped).splits["train"])


def test_domains_of_gold_images_are_tested_with() -> None:
    image = "http://bare.example/line.png"
    bare = candidate(9999, domain="bare.example", image_url=image, text_before="Nothing here says what that is.")
    frame = pl.concat([planted(domains=9, each=8), pl.DataFrame([bare], schema=WINDOWED)])
    # Of one of them there are only images without description.
    gold = {"site0.example", "site5.example", "bare.example"}
    params = SILVER.model_copy(update={"negatives_per_example": 1.0})
    splits = label([frame], params, {("bare.example", image): 10}, gold).splits
    assert gold <= set(splits["test"]["domain"])
    assert not gold & {*splits["train"]["domain"], *splits["validation"]["domain"]}


def test_negatives_are_at_most_so_many_to_an_example() -> None:
    image = "http://a.example/line.png"
    negatives = [
        candidate(
            5000 + n,
            domain=f"site{n % 9}.example",
            page_url=f"http://{n}.example",
            image_url=image,
            text_before=f"Nothing {n} of the kind {n} stands here.",
        )
        for n in range(90)
    ]
    frames = [planted(domains=9, each=8), pl.DataFrame(negatives, schema=WINDOWED)]
    pages = {(f"site{n}.example", image): 10 for n in range(9)}
    for share in (0.25, 0.0):
        params = SILVER.model_copy(update={"negatives_per_example": share})
        for split in label(frames, params, pages).splits.values():
            positives = split["start"].count()
            assert split.height - positives == round(share * positives)
            assert set(split.filter(pl.col("start").is_null())["kind"]) <= {"repeated"}
    off = SILVER.model_copy(update={"negatives_per_example": 1.0, "negatives": ["icon", "not_in_text"]})
    found = label(frames, off, pages)
    assert all(split["start"].null_count() == 0 for split in found.splits.values())
    assert "repeated" not in found.metrics["kinds"] and "repeated" not in {row["kind"] for row in found.kinds}
