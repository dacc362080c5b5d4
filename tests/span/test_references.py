"""What a text calls a picture by its number."""

import pytest

from webpairs.span.references import references


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Fig. 3 shows it, as figures 12 and fig 4a do", ["fig 3", "fig 12", "fig 4a"]),
        ("(FIGURE 11.2) and Figure 11-2, Fig. 11–2", ["fig 11.2"] * 3),
        ("Plate 7; No. 48; Abb. 5; Bild 9", ["pla 7", "no 48", "abb 5", "bil 9"]),
        ("March 2023, chapter 3, page 12, config 3, Figure III, a figure of 3, Figured 4", []),
    ],
)
def test_a_reference_is_the_same_however_it_is_written(text: str, names: list[str]) -> None:
    assert [name for name, _ in references(text)] == names


def test_it_is_known_where_it_begins() -> None:
    text = "As in Plate 12, see Fig. 3."
    assert [text[at:].split()[0] for _, at in references(text)] == ["Plate", "Fig."]
