"""The pipeline as a figure: stages in layers from top to bottom, as SVG that is the same for the same dvc.yaml."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import PurePosixPath

from webpairs.pipeline.definition import Stage, covers

WIDTH, HEIGHT = 156, 42
GAP_X, GAP_Y, MARGIN = 22, 28, 14
LANE = 14  # room for an edge that passes a layer
SWEEPS = 24

KINDS = {"data": "writes data", "model": "writes models", "numbers": "only measures"}
STYLE = """
  text { font-family: system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328; }
  .name { font-size: 14px; font-weight: 600; }
  .outs { font-size: 10.5px; fill: #59636e; }
  .edge { fill: none; stroke: #8b949e; stroke-width: 1.4; }
  .head { fill: #8b949e; }
  rect { stroke-width: 1.3; }
  .data { fill: #eaf2fb; stroke: #5b8fc7; }
  .model { fill: #fbf0e1; stroke: #c78f3e; }
  .numbers { fill: #edf6ee; stroke: #64a06b; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .outs { fill: #9da7b3; }
    .data { fill: #14263a; }
    .model { fill: #33260f; }
    .numbers { fill: #16291a; }
  }
"""


@dataclass(frozen=True)
class Drawing:
    """Stages in layers. An edge over several layers passes each on a lane of its own, `writer>reader@layer`."""

    layers: list[list[str]]
    ways: list[list[str]]  # for each edge, what it passes: the writer, its lanes, the reader

    def ties(self, upwards: bool) -> dict[str, list[str]]:
        """What each stage or lane is tied to in the layer above, or below."""
        found: dict[str, list[str]] = {name: [] for layer in self.layers for name in layer}
        for way in self.ways:
            for upper, lower in pairwise(way):
                found[lower if upwards else upper].append(upper if upwards else lower)
        return found


def svg(stages: Mapping[str, Stage]) -> str:
    """The stages, with an arrow where one reads what another wrote; arrows that others imply are left out."""
    drawing = _ordered(_layered(list(stages), reduced(dependencies(stages))))
    spots = _spots(drawing)
    left = min((spots[name][0] for name in stages), default=0) - WIDTH / 2 - MARGIN
    right = max((spots[name][0] for name in stages), default=0) + WIDTH / 2 + MARGIN
    width = max(right - left, 480)
    shift = (width - left - right) / 2
    spots = {name: (x + shift, y) for name, (x, y) in spots.items()}
    height = len(drawing.layers) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN + 30
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="Which stage reads what another wrote">',
        f"<style>{STYLE}</style>",
        '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0,0 L8,4 L0,8 z"/></marker>',
        *(_edge(way, spots) for way in drawing.ways),
        *(_box(stage, *spots[name]) for name, stage in stages.items()),
        *_legend(width, height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def dependencies(stages: Mapping[str, Stage]) -> list[tuple[str, str]]:
    """The pairs (writer, reader) of stages, in the order of dvc.yaml."""
    return [
        (writer.name, reader.name)
        for writer in stages.values()
        for reader in stages.values()
        if writer is not reader
        and any(covers(out, dep) or covers(dep, out) for out in writer.writes for dep in reader.reads)
    ]


def reduced(edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges without those that a longer way implies."""
    following: dict[str, list[str]] = {}
    for start, end in edges:
        following.setdefault(start, []).append(end)

    def reaches(start: str, end: str) -> bool:
        return any(step == end or reaches(step, end) for step in following.get(start, []))

    return [
        (start, end) for start, end in edges if not any(step != end and reaches(step, end) for step in following[start])
    ]


def kind(stage: Stage) -> str:
    """What a stage is for, by what it writes: one of `KINDS`."""
    if any(covers("data/models", out) for out in stage.outs):
        return "model"
    return "data" if any(covers("data", out) for out in stage.outs) else "numbers"


def _layered(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> Drawing:
    """Each stage in the layer below its lowest writer; one that reads nothing just above its highest reader."""
    level = dict.fromkeys(names, 0)
    for _ in names:
        for writer, reader in edges:
            level[reader] = max(level[reader], level[writer] + 1)
    for name in names:
        readers = [level[reader] for writer, reader in edges if writer == name]
        if level[name] == 0 and readers:
            level[name] = min(readers) - 1
    layers: list[list[str]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in names:
        layers[level[name]].append(name)
    ways = []
    for writer, reader in edges:
        lanes = {between: f"{writer}>{reader}@{between}" for between in range(level[writer] + 1, level[reader])}
        for between, lane in lanes.items():
            layers[between].append(lane)
        ways.append([writer, *lanes.values(), reader])
    return Drawing(layers, ways)


def _ordered(drawing: Drawing) -> Drawing:
    """The same, each layer ordered by the mean rank of what it is tied to, so that few edges cross."""
    layers = [list(layer) for layer in drawing.layers]
    for sweep in range(SWEEPS):
        upwards = sweep % 2 == 0
        ties = drawing.ties(upwards)
        for index in range(len(layers)) if upwards else reversed(range(len(layers))):
            rank = {name: spot / max(1, len(layer) - 1) for layer in layers for spot, name in enumerate(layer)}
            wanted = {name: _mean([rank[tie] for tie in ties[name]], rank[name]) for name in layers[index]}
            layers[index].sort(key=wanted.__getitem__)
    return Drawing(layers, drawing.ways)


def _spots(drawing: Drawing) -> dict[str, tuple[float, float]]:
    """The centre of every stage and lane: close to the mean of what it is tied to, never over another."""
    across = {name: 0.0 for layer in drawing.layers for name in layer}
    for sweep in range(SWEEPS):
        upwards = sweep % 2 == 0
        ties = drawing.ties(upwards)
        for layer in drawing.layers if upwards else reversed(drawing.layers):
            wanted = [_mean([across[tie] for tie in ties[name]], across[name]) for name in layer]
            across.update(zip(layer, _apart(layer, wanted), strict=True))
    return {
        name: (across[name], MARGIN + HEIGHT / 2 + index * (HEIGHT + GAP_Y))
        for index, layer in enumerate(drawing.layers)
        for name in layer
    }


def _apart(layer: Sequence[str], wanted: Sequence[float]) -> list[float]:
    """Places near the wanted ones, in this order and far enough apart: the middle of packing from left and right."""
    gaps = [(_breadth(one) + _breadth(two)) / 2 + GAP_X for one, two in pairwise(layer)]
    from_left, from_right = list(wanted), list(wanted)
    for index, gap in enumerate(gaps):
        from_left[index + 1] = max(wanted[index + 1], from_left[index] + gap)
    for index in reversed(range(len(gaps))):
        from_right[index] = min(wanted[index], from_right[index + 1] - gaps[index])
    return [(one + two) / 2 for one, two in zip(from_left, from_right, strict=True)]


def _breadth(name: str) -> float:
    return LANE if "@" in name else WIDTH


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _edge(way: Sequence[str], spots: Mapping[str, tuple[float, float]]) -> str:
    """A smooth line down from the writer, straight through its lanes, to an arrow at the reader."""
    x, y = spots[way[0]]
    path = f"M{_n(x)},{_n(y + HEIGHT / 2)}"
    y += HEIGHT / 2
    for name in way[1:]:
        across, down = spots[name][0], spots[name][1] - HEIGHT / 2
        middle = (y + down) / 2
        path += f" C{_n(x)},{_n(middle)} {_n(across)},{_n(middle)} {_n(across)},{_n(down)}"
        x, y = across, down
        if name != way[-1]:
            y += HEIGHT
            path += f" V{_n(y)}"
    return f'<path class="edge" marker-end="url(#arrow)" d="{path}"/>'


def _box(stage: Stage, x: float, y: float) -> str:
    return (
        f'<rect class="{kind(stage)}" x="{_n(x - WIDTH / 2)}" y="{_n(y - HEIGHT / 2)}" width="{WIDTH}"'
        f' height="{HEIGHT}" rx="7"/>'
        f'<text class="name" text-anchor="middle" x="{_n(x)}" y="{_n(y - 2)}">{escape(stage.name)}</text>'
        f'<text class="outs" text-anchor="middle" x="{_n(x)}" y="{_n(y + 13)}">{escape(_outs(stage))}</text>'
    )


def _outs(stage: Stage) -> str:
    """The stage's outs in few words: siblings share their folder's name."""
    outs = [PurePosixPath(path.removeprefix("data/")) for path in stage.makes]
    if len(outs) > 1 and len({path.parent for path in outs}) == 1:
        return f"{outs[0].parent}/{{{','.join(path.name for path in outs)}}}"
    return ", ".join(path.as_posix() for path in outs) or "metrics"


def _legend(width: float, height: float) -> list[str]:
    start, step = width / 2 - 3 * 140 / 2, 140
    return [
        f'<rect class="{name}" x="{_n(start + index * step)}" y="{_n(height - 24)}" width="12" height="12" rx="3"/>'
        f'<text class="outs" x="{_n(start + index * step + 18)}" y="{_n(height - 14)}">{meaning}</text>'
        for index, (name, meaning) in enumerate(KINDS.items())
    ]


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
