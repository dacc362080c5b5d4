"""torchvision_ops: torchvision imports beside any torch, in this process and in workers."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import webpairs.torchvision_ops as torchvision_ops


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)


def test_torchvision_imports_after_webpairs_and_costs_nothing_before() -> None:
    code = (
        "import webpairs, sys; assert 'torch' not in sys.modules;"
        "import torchvision.transforms; print(torchvision.__version__)"
    )
    result = python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("0.")


def test_worker_processes_get_it_too() -> None:
    code = (
        "import multiprocessing, webpairs.engine as e\n"
        "from tests.test_torchvision_ops import torchvision_version\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool: print(pool.apply(torchvision_version))\n"
    )
    script = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=Path(__file__).parent.parent,
        check=False,
    )
    assert script.returncode == 0, script.stderr
    assert script.stdout.startswith("0.")


def torchvision_version() -> str:
    import torchvision

    return str(torchvision.__version__)


def test_nothing_is_declared_where_the_real_operators_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_C.so").write_bytes(b"")
    monkeypatch.setattr(torch.ops, "load_library", lambda _: None)
    assert torchvision_ops.declare_missing(tmp_path) == []


def test_nothing_is_declared_where_there_is_no_operator_library(tmp_path: Path) -> None:
    assert torchvision_ops.declare_missing(tmp_path) == []


def test_both_schemas_are_declared_where_the_operators_can_not_load() -> None:
    code = (
        "import pathlib, tempfile, torch, webpairs.torchvision_ops as ops\n"
        "folder = pathlib.Path(tempfile.mkdtemp()); (folder / '_C.so').write_bytes(b'no library')\n"
        "assert ops.declare_missing(folder) == ['nms', 'qnms']\n"
        "print(torch.ops.torchvision.nms.default._schema, torch.ops.torchvision.qnms.default._schema)\n"
    )
    result = python(code)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("Tensor dets, Tensor scores, float iou_threshold") == 2
