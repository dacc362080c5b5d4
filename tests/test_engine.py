"""engine: results keep the order of the items whatever the number of processes."""

import os

import pytest

from webpairs import engine
from webpairs.errors import WebpairsError


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def broken(number: int) -> int:
    raise WebpairsError(f"item {number} can't be read")


@pytest.mark.parametrize("processes", ["1", "2"])
def test_order_is_kept(monkeypatch: pytest.MonkeyPatch, processes: str) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", processes)
    results = list(engine.map_ordered(square, range(6)))
    assert [value for value, _ in results] == [0, 1, 4, 9, 16, 25]
    in_this_process = {process for _, process in results} == {os.getpid()}
    assert in_this_process == (processes == "1")


def test_an_error_in_a_worker_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", "2")
    with pytest.raises(WebpairsError, match="item 0"):
        list(engine.map_ordered(broken, range(2)))


def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", "many")
    with pytest.raises(WebpairsError, match="WEBPAIRS_WORKERS"):
        engine.workers()
