"""engine: results keep the order of the items whatever the number of processes, and whichever of them die."""

import os
import pickle
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webpairs import engine
from webpairs.engine import work
from webpairs.engine.cluster import Place, _work
from webpairs.engine.processes import processes
from webpairs.errors import WebpairsError


class NeedsMore(Exception):
    """Can be pickled, but not read back."""

    def __init__(self, *, page: str) -> None:
        super().__init__(f"{page} is odd")


class Reverse:
    """A pool that answers its calls last first, one at a time."""

    remedy = ""

    def __init__(self, room: int) -> None:
        self.calls: list[tuple[int, tuple[Callable[[Any], Any], Any]]] = []
        self.most = 0
        self._room = room

    def room(self) -> int:
        return self._room - len(self.calls)

    def submit(self, number: int, call: tuple[Callable[[Any], Any], Any]) -> None:
        self.calls.append((number, call))
        self.most = max(self.most, number)

    def wait(self) -> list[tuple[int, bytes | None]]:
        number, call = self.calls.pop()
        return [(number, work.attempt(pickle.dumps(call)))]


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", "2")


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def gpu_seen(_number: int) -> str:
    time.sleep(0.1)
    return os.environ["CUDA_VISIBLE_DEVICES"]


def broken(number: int) -> int:
    raise WebpairsError(f"item {number} can't be read")


def odd(number: int) -> int:
    raise NeedsMore(page=f"page {number}")


def noted(number: int, folder: Path) -> int:
    """Leaves a line for each time that it is called; returns how often that was."""
    with (folder / str(number)).open("a", encoding="utf-8") as file:
        file.write("run\n")
    return runs(number, folder)


def runs(number: int, folder: Path) -> int:
    return len((folder / str(number)).read_text(encoding="utf-8").splitlines())


def fatal_once(item: tuple[int, Path]) -> int:
    number, folder = item
    if noted(number, folder) == 1 and number in (3, 4):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number * number


def fatal(item: tuple[int, Path]) -> int:
    number, folder = item
    noted(number, folder)
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("count", ["1", "2"])
def test_order_is_kept(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", count)
    results = list(engine.map_ordered(square, range(6)))
    assert [value for value, _ in results] == [0, 1, 4, 9, 16, 25]
    in_this_process = {process for _, process in results} == {os.getpid()}
    assert in_this_process == (count == "1")


@pytest.mark.parametrize("count", ["1", "2"])
def test_an_error_arrives_and_names_its_item(monkeypatch: pytest.MonkeyPatch, count: str) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", count)
    with pytest.raises(WebpairsError, match="item 0") as caught:
        list(engine.map_ordered(broken, range(2)))
    assert caught.value.__notes__[0] == "while working on 0"


@pytest.mark.usefixtures("two")
def test_an_error_that_does_not_travel_says_what_it_was() -> None:
    with pytest.raises(RuntimeError, match="NeedsMore: page 0 is odd") as caught:
        list(engine.map_ordered(odd, range(2)))
    assert "in odd" in caught.value.__notes__[1]


@pytest.mark.usefixtures("two")
def test_killed_processes_cost_their_items_a_second_try_and_no_other(tmp_path: Path) -> None:
    items = [(number, tmp_path) for number in range(8)]
    assert list(engine.map_ordered(fatal_once, items)) == [number * number for number in range(8)]
    assert [runs(number, tmp_path) for number in range(8)] == [1, 1, 1, 2, 2, 1, 1, 1]


@pytest.mark.usefixtures("two")
def test_an_item_that_kills_its_processes_is_named(tmp_path: Path) -> None:
    items = [(number, tmp_path) for number in range(4)]
    results = engine.map_ordered(fatal, items)
    assert next(results) == 0
    with pytest.raises(WebpairsError, match=r"^\(1, .* died 3 times.*WEBPAIRS_WORKERS"):
        next(results)
    assert runs(1, tmp_path) == 3


def test_a_process_that_dies_idle_is_replaced() -> None:
    with processes([None]) as pool:
        pool.submit(0, (square, 0))
        [(_, answer)] = pool.wait()
        assert answer is not None
        _, process = pickle.loads(answer)
        os.kill(process, signal.SIGKILL)
        while Path(f"/proc/{process}").exists():
            time.sleep(0.01)
        answers = []
        while not answers:
            pool.submit(1, (square, 1))
            # A call that the executor takes before it knows of the death is lost with it.
            answers = [answer for _, answer in pool.wait() if answer is not None]
        assert pickle.loads(answers[0])[0] == 1


def test_each_process_sees_its_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4, 7")
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    seen = list(engine.map_ordered(gpu_seen, range(8), uses_gpu=True))
    assert set(seen) == {"4", "7"}
    assert set(engine.map_ordered(gpu_seen, range(2))) == {"4, 7"}
    monkeypatch.setattr("torch.cuda.device_count", lambda: 0)
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")
    assert list(engine.map_ordered(gpu_seen, range(2), uses_gpu=True)) == ["4, 7"] * 2


def test_results_wait_for_slower_ones_before_them_but_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "AHEAD", 5)
    pool = Reverse(room=3)
    furthest = []
    for turn, (value, _) in enumerate(work.in_order(pool, square, range(20))):
        assert value == turn * turn
        furthest.append(pool.most - turn)
    assert max(furthest) == 4


def test_a_wrong_setting_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPAIRS_WORKERS", "many")
    with pytest.raises(WebpairsError, match="WEBPAIRS_WORKERS"):
        engine.workers()


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("local", "it is neither host:port"),
        ("ray://127.0.0.1:10001", "it is neither host:port"),
        ("127.0.0.1", "it is neither host:port"),
        ("127.0.0.1:port", "it is neither host:port"),
        ("127.0.0.1:99999", ""),
    ],
)
def test_an_address_of_no_cluster_is_refused(monkeypatch: pytest.MonkeyPatch, address: str, cause: str) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(WebpairsError, match=f"RAY_ADDRESS={address} can't be used: {cause}.*unset RAY_ADDRESS"):
        list(engine.map_ordered(square, range(2)))


def test_a_cluster_that_is_down_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{port}")
    with pytest.raises(WebpairsError, match="refused"):
        list(engine.map_ordered(square, range(2)))


def test_a_cluster_without_ray_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "auto")
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WebpairsError, match=r"pip install 'webpairs\[ray\]'"):
        list(engine.map_ordered(square, range(2)))


def test_nothing_to_do_needs_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "nowhere")
    assert list(engine.map_ordered(square, [])) == []


@pytest.mark.parametrize(
    ("code", "mark", "cause"),
    [("{code}", "{folder}/absent", "share the folder"), ("/elsewhere", "{folder}", "not from /elsewhere")],
)
def test_a_node_that_is_not_set_up_alike_refuses(tmp_path: Path, code: str, mark: str, cause: str) -> None:
    here = str(Path(engine.__file__).parents[1])
    place = Place(code.format(code=here), str(tmp_path), mark.format(folder=tmp_path))
    refused = pickle.loads(_work(place, pickle.dumps((square, 2))))
    assert isinstance(refused.error, WebpairsError)
    assert cause in str(refused.error)
