"""README tables and the figure come from dvc.yaml and params.yaml, and what is stale is named."""

import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from webpairs.errors import WebpairsError
from webpairs.pipeline import dag, definition, readme

REPOSITORY = Path(__file__).parents[2]
README = "# Title\n\n<!-- stages:begin -->\nold\n<!-- stages:end -->\n\n<!-- params:begin --><!-- params:end -->\nend\n"
DVC = """\
stages:
  fetch:
    cmd: python -m stages.fetch
    deps: [stages/fetch.py, src/webpairs/image]
    outs: [data/images, metrics/fetch: {cache: false}]
    metrics: [metrics/fetch.json: {cache: false}]
  learn: {cmd: x, deps: [data/images], outs: [data/models/span], plots: [metrics/learn.tsv: {x: epoch}]}
  judge: {cmd: x, deps: [data/models/span, data/images/verdicts.parquet], metrics: [metrics/judge.json]}
  report: {cmd: x, deps: [metrics/fetch.json, metrics/judge.json, metrics/a, metrics/b], outs: [report]}
"""
PARAMS = """\
# All params.

fetch:                # about images
  http: true          # asks the web | or not
                      # and more
  list: [a, "b c"]
  rate: 1.0e-4                  # begins far to the right
                      # and goes on nearer
  # is about what follows
  inner:
    seed: 1
  block:
    - x
    - y               # the last
learn:
  url: "http://a#b"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, content in (("README.md", README), ("dvc.yaml", DVC), ("params.yaml", PARAMS)):
        (tmp_path / name).write_text(content)
    return tmp_path


def test_params_stand_as_written_with_the_comment_beside_them() -> None:
    assert readme.params(PARAMS) == [
        readme.Param("fetch.http", "true", "asks the web | or not and more"),
        readme.Param("fetch.list", '[a, "b c"]', ""),
        readme.Param("fetch.rate", "1.0e-4", "begins far to the right and goes on nearer"),
        readme.Param("fetch.inner.seed", "1", ""),
        readme.Param("fetch.block", "[x, y]", "the last"),
        readme.Param("learn.url", '"http://a#b"', ""),
    ]


def test_the_params_table_goes_by_section() -> None:
    lines = readme.params_table(PARAMS).splitlines()
    assert lines[2] == "| **fetch** |  | about images |"
    assert lines[3] == "| `fetch.http` | `true` | asks the web \\| or not and more |"
    assert "| **learn** |  |  |" in lines


def test_the_stages_table_tells_data_from_measures() -> None:
    lines = readme.stages_table(definition.load_text(DVC).values()).splitlines()
    assert lines[2] == "| **fetch** |  | `data/images` | `metrics/fetch.json`<br>`metrics/fetch` |"
    assert lines[3] == "| **learn** | `data/images` | `data/models/span` | `metrics/learn.tsv` |"
    assert lines[5] == "| **report** | `metrics/*` | `report` |  |"


def test_renews_what_is_stale_names_it_and_then_rests(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    assert readme.main(["--check"]) == 1
    told = capsys.readouterr().out
    assert "README.md, table stages: stale" in told
    assert "README.md, table params: stale" in told
    assert "docs/dag.svg: stale" in told
    assert (root / "README.md").read_text() == README
    assert readme.main([]) == 0
    assert readme.main(["--check"]) == 0
    text = (root / "README.md").read_text()
    assert text.startswith("# Title\n\n<!-- stages:begin -->\n")
    assert text.endswith("<!-- params:end -->\nend\n")
    assert "old" not in text
    capsys.readouterr()
    assert readme.main([]) == 0
    assert capsys.readouterr().out == ""
    (root / "params.yaml").write_text(PARAMS.replace("1.0e-4", "2.0e-4"))
    assert readme.stale(root) == ["README.md, table params"]


def test_a_missing_marker_is_told() -> None:
    with pytest.raises(WebpairsError, match="stages:end"):
        readme.replaced("<!-- stages:begin -->", "stages", "x")
    with pytest.raises(WebpairsError, match="in this order"):
        readme.replaced("<!-- stages:end --> <!-- stages:begin -->", "stages", "x")


@pytest.mark.parametrize("text", ["a: [", "- a\n", ""])
def test_params_that_are_no_sections_are_told(text: str) -> None:
    with pytest.raises(WebpairsError):
        readme.params(text)


def test_dependencies_go_by_what_contains_what() -> None:
    stages = definition.load_text(DVC)
    edges = dag.dependencies(stages)
    assert ("fetch", "judge") in edges, "a file of a folder that another writes"
    assert dag.reduced(edges) == [("fetch", "learn"), ("learn", "judge"), ("judge", "report")]
    assert [dag.kind(stage) for stage in stages.values()] == ["data", "model", "numbers", "numbers"]


def boxes(svg: str) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, right and bottom of each stage's box, by its name."""
    root = ET.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    elements = list(root)
    found = {}
    for one, two in pairwise(elements):
        if one.tag == f"{space}rect" and two.attrib.get("class") == "name":
            x, y, width, height = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
            found[two.text or ""] = (x, y, x + width, y + height)
    return found


@pytest.mark.parametrize("text", [DVC, (REPOSITORY / "dvc.yaml").read_text()])
def test_the_figure_shows_every_stage_below_what_it_reads_and_none_over_another(text: str) -> None:
    stages = definition.load_text(text)
    svg = dag.svg(stages)
    assert svg == dag.svg(stages)
    placed = boxes(svg)
    assert set(placed) == set(stages)
    for writer, reader in dag.dependencies(stages):
        assert placed[writer][3] < placed[reader][1], (writer, reader)
    for one, two in combinations(placed.values(), 2):
        assert one[2] <= two[0] or two[2] <= one[0] or one[3] <= two[1] or two[3] <= one[1]
    width, height = (float(ET.fromstring(svg).attrib[name]) for name in ("width", "height"))
    assert all(
        left >= 0 and top >= 0 and right <= width and bottom <= height for left, top, right, bottom in placed.values()
    )


def test_a_dvc_yaml_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(WebpairsError, match="is missing"):
        definition.load(tmp_path / "dvc.yaml")
    for text, told in (("stages: [", "not YAML"), ("a: 1", "no stages"), ("", "no stages")):
        (tmp_path / "dvc.yaml").write_text(text)
        with pytest.raises(WebpairsError, match=told):
            definition.load(tmp_path / "dvc.yaml")
