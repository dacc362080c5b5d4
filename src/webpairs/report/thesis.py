"""The numbers of the 2024 thesis that a run is put beside. Each constant names the section that it stands in."""

from typing import Final

# Section 5.2: what was found in the crawl.
ALT_IN_TEXT_SHARE: Final = 0.0298
PAGES_WITHOUT_IMAGE_SHARE: Final = 0.065

# Section 6.1.1: the span model, first and best or last of 30 epochs, about 100,000 examples.
EPOCHS: Final = 30
EXACT_MATCH: Final = {"first": 0.45, "best": 0.627}
IOU: Final = {"first": 0.46, "best": 0.661}
TRAIN_LOSS: Final = 0.29
VALIDATION_LOSS_PEAK: Final = 15.13
IOU_LOW_SHARE: Final = {"first": 0.465, "last": 0.293}  # of examples with an IoU of 5 % or less
IOU_HIGH_SHARE: Final = {"first": 0.385, "last": 0.627}  # of examples with an IoU of 95 % or more

# Section 6.1.1, table 6.1: descriptions recognised whole, in part and not, as read by hand.
BY_HAND: Final = {
    "random": {"all": 27, "some": 1, "none": 22},
    "name": {"all": 23, "some": 1, "none": 1},
    "just_after": {"all": 18, "some": 2, "none": 5},
    "just_before": {"all": 13, "some": 2, "none": 10},
}

# Section 6.1.2: CLIP score of the extracted pairs.
CLIP_SCORE: Final = {"min": 0.1076, "q1": 0.2009, "median": 0.2294, "q3": 0.2711, "max": 0.3782}

# Section 6.1.2, table 6.2: confidences of the span model.
CONFIDENCES: Final = {
    "start": {"min": 0.0089, "q1": 0.1200, "median": 0.2512, "q3": 0.5308, "max": 0.9892},
    "end": {"min": 0.0081, "q1": 0.1154, "median": 0.2482, "q3": 0.4580, "max": 0.9602},
    "average": {"min": 0.0111, "q1": 0.1436, "median": 0.2938, "q3": 0.4778, "max": 0.8531},
    "span": {"min": 0.0001, "q1": 0.0163, "median": 0.0695, "q3": 0.1793, "max": 0.7203},
}

# Section 6.1.2: Pearson's correlation of span confidence and CLIP score.
CORRELATION: Final = -0.1090
CORRELATION_P: Final = 0.0067

# Section 6.2.2, table 6.3: ratings from 0 to 5 by a person, 25 images a cell.
RATINGS: Final = {
    ("base", "questionable"): {"n": 25, "mean": 3.04, "std": 1.10, "median": 3.0},
    ("finetuned", "questionable"): {"n": 25, "mean": 3.12, "std": 1.13, "median": 3.0},
    ("base", "sensible"): {"n": 25, "mean": 4.68, "std": 0.85, "median": 5.0},
    ("finetuned", "sensible"): {"n": 25, "mean": 4.60, "std": 0.82, "median": 5.0},
}

# Section 6.3, 1,000 images a model: compliance (CLIP score of image and prompt), complexity (share of edge pixels).
COMPLIANCE: Final = {
    "base": {"min": 0.2295, "q1": 0.2872, "median": 0.3105, "q3": 0.3366, "max": 0.4449},
    "finetuned": {"min": 0.2410, "q1": 0.2826, "median": 0.3048, "q3": 0.3291, "max": 0.4345},
}
COMPLEXITY: Final = {
    "base": {"min": 0.0039, "q1": 0.0343, "median": 0.0521, "q3": 0.0757, "max": 0.1637},
    "finetuned": {"min": 0.0029, "q1": 0.0241, "median": 0.0339, "q3": 0.0455, "max": 0.1245},
}
