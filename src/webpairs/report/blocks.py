"""What a report is made of: sections of tables, figures, pairs and pictures. No HTML here, all texts are plain."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

MISSING = "–"


@dataclass(frozen=True)
class Cell:
    """One cell of a table. `missing` names the metric that the run lacks."""

    text: str
    missing: str = ""
    numeric: bool = False
    strong: bool = False


@dataclass(frozen=True)
class Table:
    """Rows under a head. `stand_ins` says which stand-in models the numbers come from."""

    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str = ""
    stand_ins: Sequence[str] = ()
    note: str = ""
    kind: str = "table"

    @property
    def numeric(self) -> list[bool]:
        """Whether a column holds numbers, a column each."""
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.head)
        return [bool(column) and all(cell.numeric or not cell.text for cell in column) for column in columns]

    @property
    def lacks(self) -> bool:
        """Whether any of its numbers is missing."""
        return any(cell.missing for row in self.rows for cell in row)


@dataclass(frozen=True)
class Tables:
    """Small tables side by side where there is room."""

    tables: Sequence[Table]
    kind: str = "tables"


@dataclass(frozen=True)
class Figure:
    """An SVG with its caption."""

    svg: Markup
    caption: str
    stand_ins: Sequence[str] = ()
    kind: str = "figure"


@dataclass(frozen=True)
class Figures:
    """Figures side by side where there is room."""

    figures: Sequence[Figure]
    kind: str = "figures"


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Code:
    """Lines for a shell."""

    text: str
    kind: str = "code"


@dataclass(frozen=True)
class Pair:
    """An image of the dataset with its texts; `image` is a data: URI, "" where it can't be shown."""

    image: str
    description: str
    alt: str
    score: str
    alt_score: str
    page_url: str


@dataclass(frozen=True)
class Pairs:
    """Sample pairs."""

    pairs: Sequence[Pair]
    stand_ins: Sequence[str] = ()
    kind: str = "pairs"


@dataclass(frozen=True)
class Drawn:
    """One prompt with what the base and the fine-tuned model drew for it from the same seed; data: URIs."""

    prompt: str
    label: str
    base: str
    finetuned: str


@dataclass(frozen=True)
class Drawings:
    """Generated images, side by side."""

    drawings: Sequence[Drawn]
    caption: str
    stand_ins: Sequence[str] = ()
    kind: str = "drawings"


Block = Table | Tables | Figure | Figures | Text | Code | Pairs | Drawings


@dataclass(frozen=True)
class Section:
    """A part of the report, with an anchor."""

    anchor: str
    title: str
    blocks: Sequence[Block] = field(default_factory=list)


def plain(value: Any) -> Cell:
    """A cell of text."""
    return Cell(str(value))
