import os
import signal
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from tests.image.pictures import LIMITS, encoded
from webpairs.image.check import Checked, Limits, check
from webpairs.image.isolated import Checker, check_files
from webpairs.image.spool import Spool

ROOT = Path(__file__).parents[2]


def fragile(content: bytes, limits: Limits) -> Checked:
    """Dies of some bytes, and never returns from others, as a decoder in C may."""
    if content.startswith(b"crash"):
        os.kill(os.getpid(), signal.SIGKILL)
    if content.startswith(b"hang"):
        time.sleep(60)
    return check(content, limits)


def test_an_image_that_ends_its_process_costs_itself_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT)
    spool = Spool(tmp_path)
    contents = [b"crash", encoded(seed=1), b"hang", b"text" * 2000]
    paths = [spool.path(spool.put(content)) for content in contents]
    results = list(check_files(paths, Checker(LIMITS, seconds_per_image=1, check=fragile), chunk=3))
    assert [result.verdict for result in results] == ["undecodable", "kept", "undecodable", "not_an_image"]
    assert [result.sha256 for result in results] == [path.name for path in paths]


def test_processes_that_cannot_start_are_not_blamed_on_the_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.path", [place for place in sys.path if Path(place).resolve() != ROOT])
    spool = Spool(tmp_path)
    with pytest.raises(BrokenProcessPool):
        list(check_files([spool.path(spool.put(encoded()))], Checker(LIMITS, check=fragile)))
    assert "No module named 'tests'" in capfd.readouterr().err


def test_no_files_need_no_process() -> None:
    assert list(check_files([], Checker(LIMITS))) == []
