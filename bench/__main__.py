"""`make bench`: measures, writes bench/results.json and the README's table, and prints both."""

import argparse
import json
import sys
from typing import Any

from bench import launch, memory, report, scaling, speed
from bench.machine import machine

RESULTS = launch.ROOT / "bench" / "results.json"
README = launch.ROOT / "README.md"
WHAT = ("speed", "memory", "scaling", "describing")


def main() -> int:
    """The command line; 1 where webpairs itself could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="|".join(WHAT), help="what to measure; all where none is named")
    parser.add_argument("--archives", default="", help="WARC files: globs, parted by spaces")
    parser.add_argument("--rounds", type=int, default=5, help="of speed; scaling has three")
    parser.add_argument("--megabytes", type=int, default=1000, help="of the large archive of memory")
    parser.add_argument("--print-only", action="store_true", help="write neither results nor README")
    given = parser.parse_args()
    if unknown := [name for name in given.what if name not in WHAT]:
        parser.error(f"there is no {', '.join(unknown)}: name some of {', '.join(WHAT)}")
    try:
        found = _measured(given)
    except launch.Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        return 1
    print(report.printed(found))
    if not given.print_only:
        RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        report.renew(README, found)
        print(f"\nWritten: {RESULTS.relative_to(launch.ROOT)}, and the table in {README.name}")
    return 0


def _measured(given: argparse.Namespace) -> dict[str, Any]:
    """What was asked for, beside what was measured before on the same machine."""
    found: dict[str, Any] = {"machine": machine()}
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    if known.get("machine") == found["machine"] and not given.print_only:
        found = known
    archives = launch.ask("archives", str(launch.WORK), given.archives)
    what = given.what or WHAT
    if "speed" in what:
        found["speed"] = speed.measure(archives, given.rounds)
    if "memory" in what:
        found["memory"] = memory.measure(archives, given.megabytes)
    if "scaling" in what:
        found["scaling"] = scaling.measure(archives, min(given.rounds, 3))
    if "describing" in what:
        found["describing"] = launch.ask("describing", str(min(given.rounds, 3)), *archives["pages"])
        found["describing"]["archives"] = archives["name"]
    return found


if __name__ == "__main__":
    raise SystemExit(main())
