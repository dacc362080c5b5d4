"""How runs are started and what of them is counted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import isolated, launch
from bench.worker import peak_mb

# A contender that spends CPU time in its import and in a child process, and counts the cores that it may use.
ACCOUNTED = """
import importlib, json, os, subprocess, sys, time, types
from dataclasses import asdict
from pathlib import Path
from bench import contenders, worker

BURN = "import time\\nwhile time.process_time() < {}: pass"

def run(archives, folder):
    subprocess.run([sys.executable, "-c", BURN.format(0.2)], check=True)
    return contenders.Counted(len(os.sched_getaffinity(0)), None)

fake = types.SimpleNamespace(LIBRARIES=(), run=run)
def load(name):
    exec(BURN.format(0.6))
    return fake

importlib.import_module = load
print(json.dumps(asdict(worker.run(worker.Request("fake", [], ".", max(os.sched_getaffinity(0)))))))
"""


def python(code: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", code, *arguments]
    environment = os.environ | {"PYTHONPATH": str(launch.ROOT)}
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)


def test_children_count_and_imports_do_not_on_one_core() -> None:
    said, _ = python(ACCOUNTED).communicate()
    result = json.loads(said)
    assert 0.2 <= result["cpu"] < 0.5
    assert result["pages"] == 1


def test_memory_is_that_of_the_process_and_its_largest_child() -> None:
    grow = "import sys; held = b'x' * (int(sys.argv[1]) << 20)"
    parent = f"import subprocess; {grow}; child = subprocess.Popen([sys.executable, '-c', sys.argv[2], '40'], stdin=0)"
    waiting = python(f"{parent}; child.wait()", "20", f"{grow}; del held; print(flush=True); sys.stdin.read()")
    assert waiting.stdout is not None
    waiting.stdout.readline()
    [child] = launch.descendants(waiting.pid)
    assert {waiting.pid, child} <= set(launch.descendants(os.getpid()))
    own, childs = peak_mb(waiting.pid), peak_mb(child)
    waiting.communicate()
    assert 20 < own < 40
    assert 40 < childs < 80
    assert peak_mb(child) == 0
    assert launch.descendants(waiting.pid) == []


def test_a_contender_that_fails_says_why_and_leaves_nothing(tmp_path: Path, work: Path) -> None:
    with pytest.raises(launch.Failed, match=r"limit ended with 1:(?s:.)*missing\.warc\.gz"):
        launch.run("limit", [tmp_path / "missing.warc.gz"])
    assert list(work.iterdir()) == []


def test_a_module_that_is_asked_answers_or_says_that_it_did_not(
    archive: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert launch.ask("repeat", str(tmp_path / "few.warc.gz"), str(archive), "1", "1") == 1
    with pytest.raises(launch.Failed, match=r"bench\.repeat ended with 1"):
        launch.ask("repeat", "few.warc.gz")
    assert "IndexError" in capfd.readouterr().err


def test_an_environment_that_is_as_wanted_is_kept_and_one_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins, folder = tmp_path / "pins.txt", tmp_path / "environment"
    pins.write_text("a==1\n")
    folder.mkdir()
    (folder / "installed.txt").write_text("a==1\n")
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert isolated.python(pins, folder) == folder / "bin" / "python"
    pins.write_text("a==2\n")
    with pytest.raises(launch.Failed, match="/bin/false ended with 1"):
        isolated.python(pins, folder)
