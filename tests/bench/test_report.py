"""What is said of the measurements, and where it is written."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench import report, scaling, speed
from bench.__main__ import README, RESULTS
from bench.worker import Result

MACHINE = {"cpu": "A fast one", "cores": 2, "python": "3.11.0"}


def measured(seconds: dict[str, list[float]], pages: dict[str, int] | None = None) -> dict[str, Any]:
    """Results of 100 pages, where contenders without seconds have failed."""
    contenders: dict[str, Any] = {}
    for contender in speed.CONTENDERS:
        runs = [
            Result(cpu, cpu, 50, (pages or {}).get(contender.letter, 100), 7, {"fastwarc": "2"})
            for cpu in seconds.get(contender.letter, [])
        ]
        contenders[contender.module] = speed.summed_up(runs, 100) if runs else {"failed": "no\n  wheel"}
    found = {
        "archives": "x/*",
        "files": 3,
        "left_out": [],
        "bytes": 5_000_000,
        "pages": 100,
        "rounds": 3,
        "contenders": contenders,
    }
    return {"machine": MACHINE, "speed": found}


SECONDS = {"a": [2.5, 2.4, 9.0], "b": [1.0, 1.2, 1.1], "c": [5.9], "d": [8.0], "e": [0.25]}


def test_runs_are_summed_up_by_the_fewest_and_the_median() -> None:
    found = measured(SECONDS)["speed"]["contenders"]["obvious"]
    assert found["cpu_seconds"] == [2.5, 2.4, 9.0]
    assert (found["cpu_min"], found["cpu_median"], found["pages_per_second"]) == (2.4, 2.5, 41.7)


def test_pages_that_a_contender_does_not_count_are_those_it_was_given() -> None:
    assert speed.summed_up([Result(2, 2, 50, None, 7, {})], 100)["pages_per_second"] == 50


def test_ratios_are_a_page_with_webpairs_as_one() -> None:
    found = measured(SECONDS, {"a": 50})["speed"]
    assert speed.ratio(found, "obvious") == pytest.approx(4.8)
    assert speed.ratio(found, "obvious", "cpu_median") == pytest.approx(5.0 / 1.1)
    assert speed.ratio(found, speed.OURS) == 1


def test_goals_are_met_or_not() -> None:
    found = measured(SECONDS)["speed"]
    verdicts = {one.letter: report.is_met(found, one) for one in speed.CONTENDERS}
    assert verdicts == {"a": True, "b": None, "c": False, "d": True, "e": True, "f": None}
    slow = measured({**SECONDS, "e": [0.24]})["speed"]
    assert report.is_met(slow, next(one for one in speed.CONTENDERS if one.letter == "e")) is False


def test_the_table_has_a_row_a_contender_and_the_reason_for_what_is_missing() -> None:
    section = report.section(measured(SECONDS))
    rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
    assert [row.split("|")[2:5] for row in rows] == [
        [" 2.4 ", " ≥ 2, met ", " 42 "],
        [" **1** ", " ", " **100** "],
        [" 5.9 ", " ≥ 6, not met ", " 17 "],
        [" 8 ", " ≥ 8, met ", " 12 "],
        [" 0.25 ", " ≥ 0.25, met ", " 400 "],
        [" – ", " ", " – "],
    ]
    assert "(f) could not run: no wheel" in section
    assert "A fast one, 2 cores, Python 3.11.0. fastwarc 2." in " ".join(section.split())
    assert "miniature" not in section
    assert max(map(len, section.splitlines())) <= 120


def test_another_number_of_pages_is_told_in_both() -> None:
    found = measured(SECONDS, {"d": 99})
    assert "(d) read 99 pages instead of 100" in report.section(found)
    assert "(d) read 99 pages instead of 100" in report.printed(found)
    assert "instead of" not in report.printed(measured(SECONDS))


def test_the_miniature_web_and_what_was_left_out_are_told() -> None:
    found = measured(SECONDS)
    found["speed"]["archives"] = "the miniature web"
    found["speed"]["left_out"] = ["bad.warc"]
    said = " ".join(report.section(found).split())
    assert (
        "(the miniature web: invented pages, smaller and plainer than real ones) (left out as broken: bad.warc)" in said
    )


def test_bars_are_as_long_as_the_rates() -> None:
    lines = [line for line in report.printed(measured(SECONDS)).splitlines() if "█" in line]
    assert [line.count("█") for line in lines] == [4, 10, 2, 1, 40, 1]


def test_memory_is_the_larger_of_process_and_child() -> None:
    one = {"bytes": 9e6, "pages": 340, "process_mb": 200, "largest_child_mb": 300}
    large = {"bytes": 1e9, "pages": 36000, "process_mb": 501, "largest_child_mb": 0}
    said = said_of(one, one)
    assert "300 MB for a WARC of 9 MB" in said
    assert said.endswith("the bound is 500 MB: met.")
    said = said_of(one, large)
    assert "501 MB for a WARC of 1,000 MB (36,000 pages" in said
    assert said.endswith("not met.")


def said_of(small: dict[str, float], large: dict[str, float]) -> str:
    found = {"machine": MACHINE, "memory": {"bound_mb": 500, "small": small, "large": large}}
    return " ".join(report.section(found).split())


def test_two_workers_with_and_without_their_start() -> None:
    found = {
        "files": 10,
        "bytes": 10**8,
        "wall_seconds": {"1": [10.0, 12.0], "2": [6.0, 5.5]},
        "start_seconds": {"1": [0.0, 0.1], "2": [0.5, 0.6]},
    }
    assert scaling.speedup(found, True) == pytest.approx(10 / 5.5)
    assert scaling.speedup(found, False) == pytest.approx(2)
    said = report.printed({"machine": MACHINE, "scaling": found})
    assert "1.82 times as fast as one on 10 archives of 10 MB, 2.00 times without" in said
    assert said.endswith("met.")
    assert "not measured, one core" in report.section({"machine": MACHINE, "scaling": {"failed": "one core"}})


def test_the_readme_is_renewed_between_its_markers_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
    report.renew(readme, measured(SECONDS))
    text = readme.read_text()
    assert text.startswith(f"before\n{report.BEGIN}\n\n| | CPU time")
    assert text.endswith(f"\n\n{report.END}\nafter\n")
    assert "old" not in text
    report.renew(readme, measured(SECONDS))
    assert readme.read_text() == text
    readme.write_text("nothing")
    with pytest.raises(ValueError, match="needs the markers"):
        report.renew(readme, measured(SECONDS))


def test_the_repositorys_readme_says_what_was_measured() -> None:
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    text = README.read_text(encoding="utf-8")
    assert f"{report.BEGIN}\n\n{report.section(results)}\n\n{report.END}" in text


def test_describing_is_compared_by_its_fastest_rounds() -> None:
    seconds = {"plain": [40.0, 30.0], "stage": [12.0, 10.0], "reading_all": [15.0, 16.0]}
    found = {"images": 300, "windows": 280, "tokens": 400, "encoder": "tiny", "precision": "bfloat16", "device": "cpu"}
    found |= {"threads": 2, "decorations": 90, "seconds": seconds, "archives": "x/*"}
    said = report.section({"machine": MACHINE, "describing": found})
    assert "30.0 images a second with tiny, 3.00 times" in " ".join(said.split())
    assert "the goal is 3: met" in " ".join(said.split())
    assert "90 of the images are decorations" in " ".join(said.split())
    assert "when it reads all of them, it does 2.00 times" in " ".join(said.split())
    missed = found | {"seconds": seconds | {"stage": [10.1]}}
    assert "2.97 times" in " ".join(report.printed({"describing": missed}).split())
    assert "not met" in report.printed({"describing": missed})
    assert "not measured, no model" in report.printed({"describing": {"failed": "no model"}})
