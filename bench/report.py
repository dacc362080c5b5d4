"""What was measured, in words: printed with bars, and as the README's table."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench import scaling
from bench.speed import CONTENDERS, OURS, Contender, ratio

BEGIN, END = "<!-- generated: bench -->", "<!-- end: bench -->"
BAR = 40
DESCRIBING_GOAL = 3  # times as many images a second as the plain way
WIDTH = 120

Found = Mapping[str, Any]


def printed(results: Found) -> str:
    """All sections that there are, for the terminal."""
    lines: list[str] = []
    if speed := results.get("speed"):
        lines += ["", f"{speed['pages']} pages, {speed['bytes'] / 1e6:.0f} MB: {speed['archives']}", ""]
        lines += [*_bars(speed), "", *_figures(speed), "", *_verdicts(speed)]
    lines += [line for line in (_memory(results), _scaling(results), _describing(results)) if line]
    return "\n".join(lines)


def section(results: Found) -> str:
    """The README's table, and the lines below it, as Markdown."""
    machine = results["machine"]
    lines: list[str] = []
    texts: list[str] = []
    if speed := results.get("speed"):
        lines += ["| | CPU time, webpairs = 1 | goal | pages/s |", "|---|--:|--:|--:|"]
        lines += [_row(speed, contender) for contender in CONTENDERS]
        texts = [f"{_read(speed)} {_on(machine)} {_versions(speed)}", *_failures(speed)]
    texts += [text for text in (_memory(results), _scaling(results), _describing(results)) if text]
    filled = [textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False) for text in texts]
    return "\n".join([*lines, *(line for text in filled for line in ("", text))]).strip()


def renew(readme: Path, results: Found) -> None:
    """Puts the section between its markers in the README. Raises ValueError where they are missing."""
    text = readme.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(
            f"{readme.name} needs the markers {BEGIN} and {END}, in this order, around the benchmark's table."
        )
    fresh = f"{head}{BEGIN}\n\n{section(results)}\n\n{END}{tail}"
    partial = readme.with_suffix(".partial")
    partial.write_text(fresh, encoding="utf-8")
    partial.replace(readme)


def is_met(speed: Found, contender: Contender) -> bool | None:
    """Whether the contender's CPU time is at least the goal's multiple of ours; None without goal or result."""
    if contender.at_least is None or "failed" in speed["contenders"][contender.module]:
        return None
    return ratio(speed, contender.module) >= contender.at_least


def _bars(speed: Found) -> Iterator[str]:
    rates = {
        contender.letter: speed["contenders"][contender.module].get("pages_per_second", 0) for contender in CONTENDERS
    }
    for letter, rate in rates.items():
        yield f"({letter}) {'█' * max(1, round(BAR * rate / max(rates.values()))):<{BAR}} {rate:,.0f} pages/s"


def _figures(speed: Found) -> Iterator[str]:
    yield f"    {'CPU s, min':>10} {'median':>8} {'webpairs = 1':>13} {'by median':>10} {'pages':>6} {'images':>7}"
    for contender in CONTENDERS:
        one = speed["contenders"][contender.module]
        if "failed" in one:
            yield f"({contender.letter}) {one['failed']}"
            continue
        relative = ratio(speed, contender.module), ratio(speed, contender.module, "cpu_median")
        images = "" if one["images"] is None else f"{one['images']:,}"
        yield (
            f"({contender.letter}) {one['cpu_min']:>10.2f} {one['cpu_median']:>8.2f} {relative[0]:>13.2f} "
            f"{relative[1]:>10.2f} {one['pages']:>6} {images:>7}  {contender.does}"
        )


def _verdicts(speed: Found) -> Iterator[str]:
    for contender in CONTENDERS:
        met = is_met(speed, contender)
        if met is not None:
            found = f"({contender.letter})/(b) is {ratio(speed, contender.module):.2f}"
            yield f"{found}, the goal is at least {contender.at_least:g}: {'met' if met else 'not met'}"
    yield from _other_pages(speed)


def _other_pages(speed: Found) -> Iterator[str]:
    """A line for each contender that met another number of pages."""
    for contender in CONTENDERS:
        pages = speed["contenders"][contender.module].get("pages", speed["pages"])
        if pages != speed["pages"]:
            yield f"({contender.letter}) read {pages} pages instead of {speed['pages']}; ratios are a page."


def _row(speed: Found, contender: Contender) -> str:
    one = speed["contenders"][contender.module]
    name = f"({contender.letter}) {contender.does}"
    if "failed" in one:
        return f"| {name} | – | | – |"
    if contender.module == OURS:
        return f"| **{name}** | **1** | | **{one['pages_per_second']:,.0f}** |"
    met = is_met(speed, contender)
    goal = "" if met is None else f"≥ {contender.at_least:g}, {'met' if met else 'not met'}"
    return f"| {name} | {ratio(speed, contender.module):.2g} | {goal} | {one['pages_per_second']:,.0f} |"


def _read(speed: Found) -> str:
    files = f"{speed['files']} archive{'s' if speed['files'] > 1 else ''}"
    invented = " (the miniature web: invented pages, smaller and plainer than real ones)"
    broken = f" (left out as broken: {', '.join(speed['left_out'])})" if speed["left_out"] else ""
    return (
        f"{speed['pages']} pages of {files}{invented if 'miniature' in speed['archives'] else ''}{broken}, "
        f"{speed['bytes'] / 1e6:.0f} MB; the fewest CPU seconds, user and system, of {speed['rounds']} "
        "rounds in turns, each in a fresh process on one core, without imports."
    )


def _on(machine: Found) -> str:
    return f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}."


def _versions(speed: Found) -> str:
    """All libraries with their versions; those of cc2dataset's environment too."""
    versions: dict[str, str] = {}
    for contender in CONTENDERS:
        versions |= {
            name: version
            for name, version in speed["contenders"][contender.module].get("versions", {}).items()
            if name not in versions
        }
    return ", ".join(f"{name} {version}" for name, version in versions.items()) + "."


def _failures(speed: Found) -> list[str]:
    found = list(_other_pages(speed))
    for contender in CONTENDERS:
        reason = speed["contenders"][contender.module].get("failed")
        if reason:
            found.append(f"({contender.letter}) could not run: {' '.join(reason.split())}")
    return found


def _memory(results: Found) -> str:
    found = results.get("memory")
    if not found:
        return ""
    small, large = (_peak(found[size]) for size in ("small", "large"))
    met = "met" if max(small, large) <= found["bound_mb"] else "not met"
    return (
        f"Memory of one worker at its peak: {large} MB for a WARC of {found['large']['bytes'] / 1e6:,.0f} MB "
        f"({found['large']['pages']:,} pages, real ones repeated), {small} MB for one of "
        f"{found['small']['bytes'] / 1e6:,.0f} MB; the bound is {found['bound_mb']} MB: {met}."
    )


def _peak(one: Found) -> int:
    return int(max(one["process_mb"], one["largest_child_mb"]))


def _scaling(results: Found) -> str:
    found = results.get("scaling")
    if not found:
        return ""
    if "failed" in found:
        return f"Two worker processes against one: not measured, {found['failed']}."
    without, whole = (scaling.speedup(found, with_start) for with_start in (False, True))
    return (
        f"Two worker processes are {whole:.2f} times as fast as one on {found['files']} archives of "
        f"{found['bytes'] / found['files'] / 1e6:.0f} MB, {without:.2f} times without the time they take to start; "
        f"the goal is {scaling.GOAL}: {'met' if whole >= scaling.GOAL else 'not met'}."
    )


def _describing(results: Found) -> str:
    found = results.get("describing")
    if not found:
        return ""
    if "failed" in found:
        return f"The stage describe: not measured, {found['failed']}."
    rates = {name: found["images"] / min(seconds) for name, seconds in found["seconds"].items()}
    times, reading_all = rates["stage"] / rates["plain"], rates["reading_all"] / rates["plain"]
    verdict = f"the goal is {DESCRIBING_GOAL}: {'met' if times >= DESCRIBING_GOAL else 'not met'}"
    return (
        f"The stage describe does {rates['stage']:.1f} images a second with {found['encoder']}, {times:.2f} times "
        f"as many as the plain way ({rates['plain']:.1f}: one window an image in page order, batches of 8 padded to "
        f"the model's length, float32); {verdict}. {found['decorations']} of the images are decorations, answered "
        f"without a look by the model; when it reads all of them, it does {reading_all:.2f} times as many. "
        f"{found['images']} images of {found['archives']}, {found['windows']} of their windows differ, of "
        f"{found['tokens']} tokens in the mean; {found['device']}, {found['threads']} threads, {found['precision']}."
    )
