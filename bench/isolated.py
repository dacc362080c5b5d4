"""cc2dataset's environment: a virtual environment apart from webpairs' own, made when it is first needed."""

import subprocess
import sys
from pathlib import Path

from bench.launch import ROOT, WORK, Failed

PINS = ROOT / "bench" / "cc2dataset.txt"


def python(pins: Path = PINS, folder: Path = WORK / "cc2dataset") -> Path:
    """The environment's Python, with these packages installed. Raises Failed with pip's reason where they can't be."""
    ready, interpreter = folder / "installed.txt", folder / "bin" / "python"
    wanted = pins.read_text(encoding="utf-8")
    if ready.exists() and ready.read_text(encoding="utf-8") == wanted:
        return interpreter
    print(f"bench: installing {pins.stem} into an environment of its own (about a minute)", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", str(folder)])
    _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(pins)])
    ready.write_text(wanted, encoding="utf-8")
    return interpreter


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise Failed("\n".join(errors[-3:]) or f"{command[0]} ended with {done.returncode}")
