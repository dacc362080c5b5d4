"""Progress is drawn on a terminal, and nowhere else."""

import os
import pty
import subprocess
import sys
import termios

SCRIPT = """
from webpairs import progress
for _ in progress.track(range(3), "reading", "files", 3): pass
with progress.bar("learning", "steps", 2) as shown:
    shown.update(2)
    shown.set_postfix_str("loss 0.5")
"""


def test_nothing_is_drawn_without_a_terminal() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], check=True, capture_output=True)
    assert (run.stdout, run.stderr) == (b"", b"")


def test_a_terminal_shows_what_how_many_rate_and_time_left() -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=theirs, stderr=theirs) as run:
        os.close(theirs)
        shown = _everything(ours)
    assert run.returncode == 0
    for wanted in ("reading: 100%", "3/3 [", "files/s]", "learning: 100%", "2/2 [", "steps/s, loss 0.5]", "<"):
        assert wanted in shown


def _everything(terminal: int) -> str:
    parts = []
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # what Linux says where the other end is closed
            part = b""
        if not part:
            os.close(terminal)
            return b"".join(parts).decode()
        parts.append(part)
