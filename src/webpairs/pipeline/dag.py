"""The pipeline as a figure: stages in layers from top to bottom, as SVG that is the same for the same dvc.yaml."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise

from webpairs.pipeline.definition import Stage, covers

WIDTH, HEIGHT = 156, 42
GAP_X, GAP_Y, MARGIN = 22, 28, 14
LANE = 18  # room for an edge that passes a layer
SWEEPS = 24

KINDS = {"data": "writes data", "model": "writes models", "numbers": "writes numbers only"}
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

# A place in a layer: a stage, or the lane of the edge (from, to) that passes through the layer.
Place = tuple[str, ...]


def svg(stages: Mapping[str, Stage]) -> str:
    """The stages, with an arrow where one reads what another wrote; arrows that others imply are left out."""
    edges = reduced(dependencies(stages))
    layers = _ordered(_layered(list(stages), edges), edges)
    spots = _spots(layers, edges)
    left = min((x - _breadth(place) / 2 for place, (x, _) in spots.items()), default=0) - MARGIN
    right = max((x + _breadth(place) / 2 for place, (x, _) in spots.items()), default=0) + MARGIN
    width = max(right - left, 3 * WIDTH)
    height = len(layers) * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN + 30
    moved = {place: (x - left + (width - (right - left)) / 2, y) for place, (x, y) in spots.items()}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}"'
        f' height="{_n(height)}" role="img" aria-label="The stages of the pipeline and what each reads from another">',
        f"<style>{STYLE}</style>",
        '<marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0,0 L8,4 L0,8 z"/></marker>',
        *(_edge(edge, layers, moved) for edge in edges),
        *(_box(stage, moved[(name,)]) for name, stage in stages.items()),
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


def _layered(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[list[Place]]:
    """Each stage in the layer below its lowest writer; one that reads nothing just above its highest reader."""
    level = dict.fromkeys(names, 0)
    for _ in names:
        for start, end in edges:
            level[end] = max(level[end], level[start] + 1)
    readers = {name: [end for start, end in edges if start == name] for name in names}
    for name in names:
        if level[name] == 0 and readers[name]:
            level[name] = min(level[end] for end in readers[name]) - 1
    layers: list[list[Place]] = [[] for _ in range(max(level.values(), default=-1) + 1)]
    for name in names:
        layers[level[name]].append((name,))
    for edge in edges:
        for between in range(level[edge[0]] + 1, level[edge[1]]):
            layers[between].append(edge)
    return layers


def _chain(edge: tuple[str, str], layers: Sequence[Sequence[Place]]) -> list[Place]:
    """The places that an edge passes, from its start to its end."""
    between = sum(edge in layer for layer in layers)
    return [(edge[0],), *[edge] * between, (edge[1],)]


def _neighbours(
    layers: Sequence[Sequence[Place]], edges: Sequence[tuple[str, str]], step: int
) -> list[dict[Place, list[Place]]]:
    """For each layer, the places in the layer above (step -1) or below (step 1) that a place is tied to."""
    where = [set(layer) for layer in layers]
    found: list[dict[Place, list[Place]]] = []
    for index, layer in enumerate(layers):
        other = where[index + step] if 0 <= index + step < len(layers) else set()
        ties: dict[Place, list[Place]] = {place: [] for place in layer}
        for edge in edges:
            ends = (edge[1], edge[0]) if step < 0 else (edge[0], edge[1])
            here = edge if edge in ties else (ends[0],)
            there = edge if edge in other else (ends[1],)
            if here in ties and there in other:
                ties[here].append(there)
        found.append(ties)
    return found


def _ordered(layers: list[list[Place]], edges: Sequence[tuple[str, str]]) -> list[list[Place]]:
    """The layers, each ordered by the mean place of what it is tied to, so that few edges cross."""
    above, below = _neighbours(layers, edges, -1), _neighbours(layers, edges, 1)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for index in range(len(layers)) if down else reversed(range(len(layers))):
            ties = (above if down else below)[index]
            other = index - 1 if down else index + 1
            rank = {place: spot for spot, place in enumerate(layers[other])} if 0 <= other < len(layers) else {}
            own = {place: spot for spot, place in enumerate(layers[index])}
            layers[index] = sorted(layers[index], key=lambda place: (_mean([rank[tie] for tie in ties[place]], own[place]), own[place]))  # noqa: B023, E501
    return layers


def _spots(
    layers: Sequence[Sequence[Place]], edges: Sequence[tuple[str, str]]
) -> dict[tuple[int, Place], tuple[float, float]]:
    raise NotImplementedError
