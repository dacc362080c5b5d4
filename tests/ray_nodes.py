"""A Ray cluster of two nodes with a CPU each on this machine's loopback interface, which asks for a token.

As a script it runs the cluster until its standard input is closed, and prints its address first.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
# One for all clusters of a test run: Ray reads it once a process.
TOKEN = os.urandom(32).hex()
SECONDS_TO_END = 60


@contextmanager
def two_nodes() -> Iterator[dict[str, str]]:
    """The environment that a process needs to work on the cluster. Nothing of it is left running afterwards."""
    # Not pytest's folder: the path of a socket may have 107 characters.
    folder = tempfile.mkdtemp(prefix="ray-")
    environment = {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        # Off, Ray takes the loopback interface, and all that listens listens there alone.
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_health_check_period_ms": "500",  # a node that dies is missed after seconds, not a quarter of a minute
        "RAY_TMPDIR": folder,
        "RAY_USAGE_STATS_ENABLED": "0",
        # Workers find the tests' own functions where this process does.
        "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]),
    }
    script = subprocess.Popen(
        [sys.executable, __file__],
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # by which all that it starts is found again
    )
    with script:
        try:
            assert script.stdin is not None
            assert script.stdout is not None
            address = script.stdout.readline().strip()
            assert address, "the cluster did not start"
            yield environment | {"RAY_ADDRESS": address}
        finally:
            script.stdin.close()
            left = _left_running(script.pid)
            for process in left:
                os.kill(process, signal.SIGKILL)
            shutil.rmtree(folder)
    assert not left


def _left_running(session: int) -> list[int]:
    """What still runs of the cluster after a while."""
    end = time.monotonic() + SECONDS_TO_END
    left = _processes(session)
    while left and time.monotonic() < end:
        time.sleep(0.1)
        left = _processes(session)
    return left


def _processes(session: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            # Behind the name, in brackets: state, parent, group, session.
            state, _, _, belongs, *_ = (process / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(belongs) == session and state != "Z":
            found.append(int(process.name))
    return found


def run() -> None:
    """Runs the cluster."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    for _ in range(2):
        cluster.add_node(
            num_cpus=1,
            object_store_memory=80 << 20,
            node_ip_address="127.0.0.1",
            include_dashboard=False,
            include_log_monitor=False,
        )
    print(cluster.address, flush=True)
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    run()
