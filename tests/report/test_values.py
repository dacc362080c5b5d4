"""Metrics by name, and numbers as text."""

import pytest

from webpairs.report import values

METRICS = {"extract": {"pages": 10, "images": 4, "none": None, "flag": True, "none_at_all": 0}}


def test_lookup_finds_nested_values_and_tells_the_rest_missing() -> None:
    assert values.lookup(METRICS, "extract.pages") == 10
    assert values.lookup(METRICS, "extract.pages.more") is None
    assert values.lookup(METRICS, "nope.pages") is None


def test_a_cell_names_what_is_missing() -> None:
    assert values.cell(METRICS, "extract.pages", values.count).text == "10"
    for name in ("extract.none", "extract.flag", "extract.absent"):
        cell = values.cell(METRICS, name)
        assert (cell.text, cell.missing) == ("–", name)


def test_a_ratio_needs_both_numbers_and_a_whole() -> None:
    assert values.ratio(METRICS, "extract.images", "extract.pages") == 0.4
    assert values.ratio(METRICS, "extract.images", "extract.absent") is None
    assert values.ratio(METRICS, "extract.images", "extract.none_at_all") is None


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (values.count, 1234567, "1,234,567"),
        (values.share, 0.627, "62.7 %"),
        (values.fine_share, 0.0298, "2.98 %"),
        (values.decimal, -0.109, "−0.1090"),
        (values.decimal, 123456.7, "123,457"),
        (values.signed, -0.02, "−0.0200"),
        (values.points, 0.123, "+12.3"),
        (values.size, 999, "999 B"),
        (values.size, 53_000_000, "53.0 MB"),
        (values.size, 4.2e15, "4200.0 TB"),
    ],
)
def test_numbers_as_text(form: values.Form, value: float, text: str) -> None:
    assert form(value) == text


def test_an_interval_is_whole_or_nothing() -> None:
    assert values.interval({"mean": 0.01, "low": -0.005, "high": 0.02}) == "+0.0100 [−0.0050, +0.0200]"
    assert values.interval({"mean": 0.01, "low": None, "high": 0.02}) == ""
