"""What the numbers were measured on."""

import os
import platform
from pathlib import Path


def machine() -> dict[str, str | int]:
    """The model of the CPU, the cores that this process may use, and Python's version."""
    return {
        "cpu": _cpu_model(Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
    }


def _cpu_model(cpuinfo: str) -> str:
    """The first model that is named; where none is, as on some ARM machines, the architecture."""
    for line in cpuinfo.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            return " ".join(value.split())
    return platform.machine()
