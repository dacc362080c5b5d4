"""report: metrics, and samples of pairs and generated images → report/index.html, one page that holds all it shows."""

from pathlib import Path

from webpairs import stage
from webpairs.params import Params
from webpairs.report import page
from webpairs.report.run import read
from webpairs.shards import output_folder


def run(params: Params) -> None:
    """Reads every metrics file and the data that the report shows, writes report/."""
    found = read(
        params.report,
        params.archive.inputs,
        archive=Path("data/archive"),
        pairs=Path("data/pairs"),
        generated=Path("data/generated"),
    )
    with output_folder(Path("report")) as folder:
        (folder / "index.html").write_text(page.html(found), encoding="utf-8")


if __name__ == "__main__":
    stage.main("report", run)
