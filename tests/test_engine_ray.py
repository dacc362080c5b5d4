"""engine: on a Ray cluster of two nodes, the same results as on this machine, whatever dies in the middle."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ray_nodes import two_nodes
from webpairs import engine, shards
from webpairs.errors import WebpairsError
from webpairs.params import load

ROOT = Path(__file__).parents[1]
PAGE = b"<html><p>A red boat lies in the harbour.</p><img src=/boat.jpg alt='A red boat'><img src=x.png>"
SCRIPT = """
from webpairs import engine

def square(number):
    return number * number

if __name__ == "__main__":
    print(list(engine.map_ordered(square, range(3))))
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    with two_nodes() as environment:
        yield environment


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def on_cluster(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    join(cluster, monkeypatch)


def join(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cluster.items():
        monkeypatch.setenv(name, value)


def node() -> str:
    import ray

    return str(ray.get_runtime_context().get_node_id())


def slowly(number: int) -> tuple[int, str, int]:
    time.sleep(0.2)
    return number * number, node(), os.getpid()


def noted(number: int) -> int:
    """Leaves a line for each time that it is called, in the folder that it is called in."""
    with Path(f"{number}.runs").open("a", encoding="utf-8") as file:
        file.write("run\n")
    return runs(number)


def runs(number: int) -> int:
    return len(Path(f"{number}.runs").read_text(encoding="utf-8").splitlines())


def fatal_once(number: int) -> int:
    if noted(number) == 1 and number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def fatal(number: int) -> int:
    if noted(number) and number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def fatal_to_a_node(number: int) -> int:
    import ray

    time.sleep(0.2)
    heads = [one["NodeID"] for one in ray.nodes() if "node:__internal_head__" in one["Resources"]]
    if node() not in heads:
        Path("a-node-is-dead").touch()
        for process in (os.getppid(), os.getpid()):
            os.kill(process, signal.SIGKILL)
    return number * number


def broken(number: int) -> int:
    raise FileNotFoundError(2, "gone", f"{number}.warc")


def surroundings(_: int) -> tuple[str, str, int]:
    return os.environ["WEBPAIRS_TEST"], str(Path.cwd()), hash("webpairs")


@pytest.mark.usefixtures("on_cluster")
def test_both_nodes_take_part_and_order_is_kept() -> None:
    results = list(engine.map_ordered(slowly, range(12)))
    assert [square for square, _, _ in results] == [number * number for number in range(12)]
    assert len({node for _, node, _ in results}) == 2
    assert os.getpid() not in {process for _, _, process in results}


@pytest.mark.usefixtures("on_cluster")
def test_workers_have_the_folder_and_the_environment_of_the_driver(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBPAIRS_TEST", "1")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    here = subprocess.run(
        [sys.executable, "-c", "print(hash('webpairs'))"], capture_output=True, text=True, timeout=60, check=True
    )
    assert list(engine.map_ordered(surroundings, range(2))) == [("1", str(folder), int(here.stdout))] * 2
    assert not list(shards.SCRATCH.iterdir())


@pytest.mark.usefixtures("on_cluster")
def test_a_killed_worker_changes_nothing() -> None:
    assert list(engine.map_ordered(fatal_once, range(8))) == [number * number for number in range(8)]
    assert [runs(number) for number in range(8)] == [1, 1, 1, 2, 1, 1, 1, 1]


@pytest.mark.usefixtures("on_cluster")
def test_an_item_that_kills_its_workers_is_named() -> None:
    with pytest.raises(WebpairsError, match=r"^1: .* died 3 times.*--num-cpus"):
        list(engine.map_ordered(fatal, range(3)))
    assert [runs(number) for number in range(3)] == [1, 3, 1]


@pytest.mark.usefixtures("on_cluster")
def test_an_error_arrives_as_it_was() -> None:
    with pytest.raises(FileNotFoundError, match="gone") as caught:
        list(engine.map_ordered(broken, [7]))
    assert caught.value.filename == "7.warc"
    assert caught.value.__notes__[0] == "while working on 7"
    assert "in broken" in caught.value.__notes__[1]


def test_a_script_works_there_without_a_word_of_ray(cluster: dict[str, str]) -> None:
    result = script(os.environ | cluster)
    assert (result.stdout, result.stderr) == ("[0, 1, 4]\n", "")


def test_without_the_token_the_error_says_so(cluster: dict[str, str]) -> None:
    result = script(os.environ | cluster | {"RAY_AUTH_MODE": "disabled"})
    assert result.returncode == 1
    assert f"The Ray cluster at RAY_ADDRESS={cluster['RAY_ADDRESS']} can't be used" in result.stderr
    assert "RAY_AUTH_MODE=token" in result.stderr


def script(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    Path("script.py").write_text(SCRIPT, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "script.py"], env=environment, capture_output=True, text=True, timeout=100, check=False
    )


def test_a_killed_node_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with two_nodes() as cluster:
        join(cluster, monkeypatch)
        results = list(engine.map_ordered(fatal_to_a_node, range(12)))
    assert results == [number * number for number in range(12)]
    assert Path("a-node-is-dead").exists()


def test_extraction_gives_the_same_bytes(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from stages import extract
    from tests.page.test_extract import archives

    archives(a=[PAGE] * 3, b=[PAGE, b"<p>Nothing to see here.</p>"], c=[PAGE])
    monkeypatch.setenv("WEBPAIRS_WORKERS", "1")
    extract.run(load(ROOT / "params.yaml"))
    here = candidates()
    shutil.rmtree(shards.SCRATCH)
    join(cluster, monkeypatch)
    extract.run(load(ROOT / "params.yaml"))
    assert len(here) == 3
    assert candidates() == here


def test_descriptions_are_the_same_bytes(cluster: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    from stages import describe
    from tests.span.conftest import planted, tiny_settings, write_bert, write_candidates
    from webpairs.span.model import new_model

    for name in ("a", "b", "c"):
        write_candidates(f"{name}.parquet", planted(2, 5, seed=ord(name)))
    new_model(write_bert(Path("bert")), tiny_settings(), 0.0).save(describe.MODEL)
    found = []
    for place in ({"WEBPAIRS_WORKERS": "1"}, {"WEBPAIRS_WORKERS": "2"}, cluster):
        shutil.rmtree(shards.SCRATCH, ignore_errors=True)
        for name, value in place.items():
            monkeypatch.setenv(name, value)
        describe.run(load(ROOT / "params.yaml"))
        found.append({file.name: file.read_bytes() for file in Path("data/descriptions").iterdir()})
    assert len(found[0]) == 3
    assert found[0] == found[1] == found[2]


def candidates() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path("data/candidates").iterdir()}
