"""Charts are well-formed SVG, show what they were given, and bear values that are hard to draw."""

import xml.etree.ElementTree as ET

import pytest
from markupsafe import Markup

from webpairs.report import canvas, figures

BOX = {"min": 0.1, "q1": 0.2, "median": 0.25, "q3": 0.3, "max": 0.4}


def parsed(svg: Markup) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: Markup) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter("text")]


def bars(svg: Markup, kind: str) -> list[dict[str, str]]:
    return [element.attrib for element in parsed(svg).iter("rect") if element.attrib["class"] == kind]


def test_a_funnel_shows_counts_and_shares_of_the_step_before() -> None:
    svg = figures.funnel([("images", 1000), ("described", 500), ("selected", 100)], "funnel")
    assert {"1,000", "500  (50.0 %)", "100  (20.0 %)"} <= set(texts(svg))
    widths = [float(bar["width"]) for bar in bars(svg, "fill s0")]
    assert widths[0] == pytest.approx(2 * widths[1], abs=0.2)


def test_names_from_outside_are_escaped() -> None:
    svg = figures.boxes([("<b>&", BOX)], "x", 'a "title"')
    assert "<b>&" in texts(svg)
    assert parsed(svg).attrib["aria-label"] == 'a "title"'


def test_a_higher_value_stands_higher() -> None:
    svg = figures.lines({"loss": [(1, 3.0), (2, 1.0)]}, "epoch", "loss", "t")
    first, second = (float(dot.attrib["cy"]) for dot in parsed(svg).iter("circle"))
    assert first < second


def test_epochs_have_whole_ticks() -> None:
    svg = figures.lines({"loss": [(1, 3.0), (2, 1.0), (3, 0.5)]}, "epoch", "loss", "t")
    assert "1.5" not in [
        text for text, e in zip(texts(svg), parsed(svg).iter("text"), strict=True) if e.attrib["y"] == "246"
    ]


def test_a_histogram_draws_filled_bins_as_wide_as_the_edges_lie_apart() -> None:
    svg = figures.histogram({"a": [(0.0, 5), (0.5, 0), (1.0, 10)], "b": [(0.0, 1)]}, "x", "n", "t")
    own = bars(svg, "bar s0")
    assert len(own) == 2
    assert float(own[1]["height"]) == pytest.approx(2 * float(own[0]["height"]), abs=0.2)
    assert {"a", "b"} <= set(texts(svg))


def test_the_median_lies_in_the_box() -> None:
    svg = figures.boxes([("thesis", BOX), ("this run", BOX)], "x", "t")
    box = bars(svg, "bar s2")[0]
    median = next(line for line in parsed(svg).iter("line") if line.attrib["class"] == "median")
    assert float(box["x"]) < float(median.attrib["x1"]) < float(box["x"]) + float(box["width"])


def test_shares_fill_the_row() -> None:
    svg = figures.shares([("any", {"all": 27, "some": 1, "none": 22})], "t")
    widths = [
        float(bar["width"]) for part in range(3) for bar in bars(svg, f"fill s{part}") if float(bar["height"]) > 9
    ]
    assert sum(widths) == pytest.approx(canvas.WIDTH - canvas.RIGHT - figures.NAMES, abs=0.3)
    assert "54.0 %" in texts(svg)


def test_a_heat_map_is_darker_where_there_is_more_and_starts_at_the_bottom() -> None:
    svg = figures.heat({"1": [(0, 0.81), (50, 0.09)], "2": [(0, 0.25), (50, 0.75)]}, "IoU", "t")
    fields = bars(svg, "fill s0")
    assert [float(field["fill-opacity"]) for field in fields] == pytest.approx([0.9, 0.3, 0.5, 0.866])
    assert float(fields[0]["y"]) > float(fields[1]["y"])
    assert float(fields[2]["x"]) > float(fields[0]["x"])
    assert {"1", "2"} <= set(texts(svg))
    assert "2, 50 to 100 %: 75.0 %" in [title.text for title in parsed(svg).iter("title")]


def test_of_many_columns_of_a_heat_map_some_are_named() -> None:
    svg = figures.heat({str(epoch): [(0, 0.5), (50, 0.5)] for epoch in range(1, 31)}, "IoU", "t")
    named = [text for text, e in zip(texts(svg), parsed(svg).iter("text"), strict=True) if e.attrib["y"] == "246"]
    assert named == [str(epoch) for epoch in range(1, 31, 3)]


def test_true_confidences_lie_on_the_diagonal_and_areas_show_how_many() -> None:
    svg = figures.calibration({"span": [(0.2, 0.2, 10), (0.8, 0.8, 40)], "calibrated": [(0.5, 0.9, 40)]}, "t")
    line = next(line.attrib for line in parsed(svg).iter("line") if line.attrib["class"] == "zero")
    low, high = ((float(line[f"x{end}"]), float(line[f"y{end}"])) for end in (1, 2))
    dots = [{name: float(dot.attrib[name]) for name in ("cx", "cy", "r")} for dot in parsed(svg).iter("circle")]
    for dot, sure in zip(dots, (0.2, 0.8), strict=False):
        assert (dot["cx"], dot["cy"]) == pytest.approx(
            [one + sure * (two - one) for one, two in zip(low, high, strict=True)], abs=0.1
        )
    assert dots[2]["cy"] < dots[1]["cy"]
    assert dots[1]["r"] == dots[2]["r"] == 2 * dots[0]["r"]
    assert "0.8000: 80.0 % right of 40" in [title.text for title in parsed(svg).iter("title")]


def test_the_line_through_a_cloud_is_the_least_squares_line() -> None:
    assert figures._fit([(0, 1), (1, 3), (2, 5)]) == (2.0, 1.0)
    assert figures._fit([(1, 1), (1, 3)]) == (0.0, 2.0)


@pytest.mark.parametrize(
    "svg",
    [
        figures.funnel([], "t"),
        figures.lines({}, "x", "y", "t"),
        figures.lines({"one": [(1, 0.0)]}, "x", "y", "t"),
        figures.histogram({}, "x", "n", "t"),
        figures.histogram({"a": [(0.0, 0)]}, "x", "n", "t"),
        figures.boxes([], "x", "t"),
        figures.boxes([("same", dict.fromkeys(BOX, 0.2))], "x", "t"),
        figures.intervals([], "x", "t"),
        figures.heat({}, "IoU", "t"),
        figures.heat({"1": [(0.0, 1.0)]}, "IoU", "t"),
        figures.calibration({}, "t"),
        figures.calibration({"span": [(0.5, 0.5, 0)]}, "t"),
        figures.shares([], "t"),
        figures.shares([("none", {"all": 0, "some": 0})], "t"),
        figures.scatter([], "x", "y", "t"),
        figures.scatter([(0.5, 0.5)], "x", "y", "t"),
    ],
)
def test_little_or_nothing_to_draw_is_still_a_figure(svg: Markup) -> None:
    assert parsed(svg).attrib["viewBox"]
    assert "nan" not in svg


def test_ticks_are_round_and_inside() -> None:
    assert canvas.Scale(0, 1, 0, 100).ticks() == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert canvas.Scale(1, 4, 0, 100).ticks(6, whole=True) == [1, 2, 3, 4]
    assert canvas.Scale(-0.013, 0.029, 0, 100).ticks() == [-0.01, 0, 0.01, 0.02]
