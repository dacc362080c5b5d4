"""How long it took, on what, and how to do it again."""

from webpairs.params import Params
from webpairs.report.blocks import Block, Code, Section, Table, Text, plain
from webpairs.report.run import Run
from webpairs.report.values import decimal, fixed, number, shown

STAGES = tuple(name for name in Params.model_fields if name != "report")


def speed(run: Run) -> Section:
    """Seconds, rates and memory of each stage."""
    rows = []
    for stage in STAGES:
        measured = run.speed.get(stage, {})
        rates = [
            f"{decimal(value)} {name.removesuffix('_per_second').replace('_', ' ')}/s"
            for name, value in measured.items()
            if name.endswith("_per_second") and number(value) is not None
        ]
        seconds = shown(number(measured.get("seconds")), _seconds, f"speed.{stage}.seconds")
        memory = shown(number(measured.get("peak_memory_mb")), _memory, f"speed.{stage}.peak_memory_mb")
        rows.append([plain(stage), seconds, plain(", ".join(rates)), memory])
    total = sum(number(measured.get("seconds")) or 0 for measured in run.speed.values())
    rows.append([plain("together"), fixed(total, _seconds), plain(""), fixed(None)])
    note = (
        "What each stage's last real run took; a stage that DVC took from its cache keeps the numbers of the run that "
        "filled it."
    )
    table = Table(("Stage", "Seconds", "Rates", "Peak memory"), rows, "Time and memory", note=note)
    return Section("speed", "Speed", [table])


def again(run: Run) -> Section:
    """How to run it again, and with other input."""
    inputs = " ".join(f'"{entry}"' if " " in entry else entry for entry in run.inputs)
    blocks: list[Block] = [
        Text("In a clone of the repository. Stages whose input, params and code are as before are not run again."),
        Code(f"make all INPUT='{inputs}'"),
        Text("With other archives, other params, and a comparison with the branch main:"),
        Code("make all INPUT='path/to/*.warc.gz'\n$EDITOR params.yaml && make all\nmake compare BASE=main"),
    ]
    return Section("again", "Run it again", blocks)


def _seconds(value: float) -> str:
    return f"{value:,.1f}"


def _memory(value: float) -> str:
    return f"{value:,.0f} MB"
