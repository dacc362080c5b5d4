"""What of a caption describes."""

import pytest

from webpairs.span.credits import description


@pytest.mark.parametrize(
    ("caption", "described"),
    [
        ("A red boat in the harbour", "A red boat in the harbour"),
        ("Figure 3: The harbour at noon.", "The harbour at noon."),
        ("Fig. 1.2 Overview of the harbour", "Overview of the harbour"),
        ("Table 2. Boats by length", "Boats by length"),
        ("Plate IV — A red boat", "A red boat"),
        ("The harbour. Photo: J. Doe", "The harbour."),
        ("The harbour in 1944. Credit: J. R. Doe / Agency", "The harbour in 1944."),
        ("The harbour at St. Ives (Photo: Agency)", "The harbour at St. Ives"),
        ("The harbour (left) and the quay (right)", "The harbour (left) and the quay (right)"),
        ("Photo: J. Doe\nThe harbour", "The harbour"),
        ("The harbour | © 2020 Agency", "The harbour"),
        ("The harbour. (Click to enlarge)", "The harbour."),
        ("Image of a red boat", "Image of a red boat"),
        ("Picture of the day: a boat", "Picture of the day: a boat"),
        ("Plate tectonics", "Plate tectonics"),
        ("No boat to be seen", "No boat to be seen"),
        ("Figure 16", ""),
        ("Plate 4.", ""),
        ("No. 12", ""),
        ("Photograph by Jane Doe, 1944", ""),
        ("Image courtesy of Jane Doe", ""),
        ("© 1851 Jane Doe", ""),
        ("(c) Agency", ""),
        ("Click to enlarge", ""),
        ("", ""),
    ],
)
def test_description(caption: str, described: str) -> None:
    start, end = description(caption)
    assert caption[start:end] == described
