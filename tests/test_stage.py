"""stage: what the user sees of an error."""

from pathlib import Path

import pytest

from webpairs import stage
from webpairs.errors import WebpairsError
from webpairs.params import Params

REPOSITORY = Path(__file__).parent.parent


def test_a_users_error_is_shown_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)

    def run(params: Params) -> None:
        raise WebpairsError(f"nothing above {params.select.min_clip}: lower select.min_clip")

    with pytest.raises(SystemExit) as ended:
        stage.main("select", run)
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("select: nothing above 0.")


def test_a_defect_shows_its_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(REPOSITORY)

    def run(params: Params) -> None:
        raise KeyError(params.select.top_n)

    with pytest.raises(SystemExit) as ended:
        stage.main("select", run)
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "defect of webpairs" in shown


def test_invalid_params_end_the_stage_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "params.yaml").write_text("archive: {}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        stage.main("archive", lambda _: pytest.fail("ran all the same"))
    assert "archive.inputs: Field required" in capsys.readouterr().err


def test_a_stage_run_before_its_inputs_exist_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(REPOSITORY)

    def run(params: Params) -> None:
        Path(f"data/nowhere-{params.select.top_n}").read_bytes()

    with pytest.raises(SystemExit):
        stage.main("select", run)
    assert capsys.readouterr().err.startswith("select: data/nowhere-5000 is missing: run `make all`")
