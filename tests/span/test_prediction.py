"""Predictions."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch

from webpairs.span.batches import Batch, by_length, collate, shuffled
from webpairs.span.calibration import Calibration, OfSupport, OfSupportAndNone
from webpairs.span.model import Settings, SpanModel, new_model
from webpairs.span.prediction import Decoding, best_spans, k_best, k_best_spans, predict, predict_texts
from webpairs.span.windows import Texts


@pytest.fixture
def model(bert: Path, settings: Settings) -> SpanModel:
    torch.manual_seed(1)
    return new_model(bert, settings, attention_dropout=0.0).eval()


def test_the_best_valid_span_is_found() -> None:
    generator = torch.Generator().manual_seed(3)
    sides = torch.tensor([[0, 1, 1, 1, 0, 2, 2, 2, 2, 0], [0, 1, 1, 0, 2, 2, 2, 0, 0, 0]])
    batch = Batch(sides, torch.ones_like(sides), sides, torch.zeros_like(sides), sides, sides, answers_none=False)
    for longest in (1, 2, 3, 20):
        for _ in range(20):
            start, end = torch.randn(2, 10, generator=generator), torch.randn(2, 10, generator=generator)
            start[:, [0, 9]] += 50  # what is most wanted is not allowed
            first, last, sure = best_spans(start, end, batch, Decoding(longest))
            for row in range(2):
                valid = [
                    (i, j)
                    for i in range(10)
                    for j in range(i, min(10, i + longest))
                    if sides[row, i] and sides[row, i] == sides[row, j]
                ]
                best = max(valid, key=lambda span: float(start[row, span[0]] + end[row, span[1]]))
                assert (int(first[row]), int(last[row])) == best
                allowed = sides[row] != 0
                expected = start[row][allowed].softmax(0)[int(allowed[: best[0]].sum())]
                assert sure[row, 0] == pytest.approx(expected.item())


def test_spans_stay_in_a_block_where_wanted() -> None:
    sides, blocks = torch.ones(1, 6, dtype=torch.long), torch.tensor([[0, 0, 0, 1, 1, 1]])
    batch = Batch(sides, sides, sides, blocks, sides, sides, answers_none=False)
    start, end = torch.tensor([[0.0, 9, 0, 4, 0, 0]]), torch.tensor([[0.0, 0, 1, 0, 9, 0]])
    assert [int(token) for token in best_spans(start, end, batch, Decoding(9))[:2]] == [1, 4]
    # 9 + 1 within the first block is less than 4 + 9 within the second.
    assert [int(token) for token in best_spans(start, end, batch, Decoding(9, within_block=True))[:2]] == [3, 4]


def test_texts_beside_the_image_are_likelier_by_nearness() -> None:
    sides = torch.tensor([[0, 1, 1, 1, 0, 2, 2, 2, 0], [0, 0, 2, 2, 2, 2, 0, 0, 0]])
    blocks = torch.tensor([[0, 3, 4, 4, 0, 7, 8, 9, 0], [0, 0, 0, 0, 1, 1, 0, 0, 0]])
    batch = Batch(sides, sides, sides, blocks, sides, sides, answers_none=True)
    assert batch.beside.tolist() == [[at in beside for at in range(9)] for beside in ((2, 3, 5), (2, 3))]
    start, end = torch.zeros(2, 9), torch.zeros(2, 9)
    start[0, 1], start[0, 3], start[1, 4], start[1, 2] = 4, 2.5, 4, 2.5
    for nearness, found in ((0.0, [1, 4]), (1.0, [1, 4]), (2.0, [3, 2])):
        decoding = Decoding(1, nearness=nearness)
        first, last, sure = best_spans(start, end, batch, decoding)
        assert first.tolist() == last.tolist() == found
        assert k_best_spans(start, end, batch, decoding, 1)[0][:, 0].tolist() == found
    # None's logit stays what it is.
    near = start[0] - 2 * torch.tensor([0, 1, 0, 0, 0, 0, 1, 1, 0])
    allowed = torch.tensor([0, 1, 2, 3, 5, 6, 7])
    assert float(sure[0, 0]) == pytest.approx(float(near[allowed].softmax(0)[3]))


def test_the_span_with_the_highest_expected_f1_has_most_in_common_with_all_likely_ones() -> None:
    generator = torch.Generator().manual_seed(6)
    sides = torch.tensor([[0, 1, 1, 1, 0, 2, 2, 2, 2, 0]])
    batch = Batch(sides, torch.ones_like(sides), sides, torch.zeros_like(sides), sides, sides, answers_none=True)
    valid = [(i, j) for i in range(10) for j in range(i, min(10, i + 3)) if sides[0, i] == sides[0, j] != 0]
    differ = 0
    for _ in range(40):
        start, end = torch.randn(1, 10, generator=generator), torch.randn(1, 10, generator=generator)
        first, last, sure = best_spans(start, end, batch, Decoding(3, expected_f1=True))
        likely = {(i, j): float((start[0, i] + end[0, j]).exp()) for i, j in valid}

        def expected(span: tuple[int, int], likely: dict[tuple[int, int], float] = likely) -> float:
            own = set(range(span[0], span[1] + 1))
            f1 = {(i, j): 2 * len(own & set(range(i, j + 1))) / (len(own) + j - i + 1) for i, j in likely}
            return sum(f1[other] * weight for other, weight in likely.items())

        best = int(first), int(last)
        assert best in likely
        assert expected(best) == pytest.approx(max(map(expected, valid)))
        # Confidences are of the span that is taken.
        starts = start[0].masked_fill(~batch.allowed[0], -torch.inf).softmax(0)
        assert float(sure[0, 0]) == pytest.approx(float(starts[best[0]]))
        differ += best != max(likely, key=lambda span: likely[span])
        found = k_best_spans(start, end, batch, Decoding(3, expected_f1=True), 9)
        assert (int(found[0][0, 0]), int(found[1][0, 0])) == best
    assert 0 < differ < 40


def test_the_k_best_spans_do_not_overlap() -> None:
    generator = torch.Generator().manual_seed(4)
    sides = torch.tensor([[0, 1, 1, 1, 0, 2, 2, 2, 2, 0], [0, 1, 1, 0, 0, 0, 0, 0, 0, 0]])
    batch = Batch(sides, torch.ones_like(sides), sides, torch.zeros_like(sides), sides, sides, answers_none=False)
    for _ in range(20):
        start, end = torch.randn(2, 10, generator=generator), torch.randn(2, 10, generator=generator)
        first, last, sure = k_best_spans(start, end, batch, Decoding(2), 8)
        best = best_spans(start, end, batch, Decoding(2))
        assert torch.equal(first[:, 0], best[0]) and torch.equal(last[:, 0], best[1])
        assert torch.equal(sure[:, 0], best[2])
        for row in range(2):
            # What is best is taken, and the best of what doesn't touch it, and so on.
            left = [(i, j) for i in range(10) for j in (i, i + 1) if j < 10 and sides[row, i] == sides[row, j] != 0]
            found = [span for span in zip(first[row].tolist(), last[row].tolist(), strict=True) if span[0] >= 0]
            for span in found:
                assert span == max(left, key=lambda one: float(start[row, one[0]] + end[row, one[1]]))
                left = [one for one in left if one[0] > span[1] or one[1] < span[0]]
            assert not left
            assert (sure[row, len(found) :] == 0).all()


def test_the_k_best_of_an_image(model: SpanModel) -> None:
    text = Texts("a red cat . a dog", "look here", "")
    found = k_best(model, text, 3)
    alone = predict_texts(model, [text], 1)
    assert (found.start[0], found.end[0]) == (alone.start[0], alone.end[0])
    assert found.span_confidence[0] == alone.span_confidence[0]
    spans = sorted(zip(found.start.tolist(), found.end.tolist(), strict=True))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert found.span_confidence.tolist() == sorted(found.span_confidence.tolist(), reverse=True)
    assert len(k_best(model, Texts("", "", ""), 3)) == 0


def test_none_shares_the_probability_with_spans() -> None:
    sides = torch.tensor([[0, 1, 1, 0]])
    batch = Batch(sides, torch.ones_like(sides), sides, torch.zeros_like(sides), sides, sides, answers_none=True)
    start = end = torch.tensor([[1.0, 1, 1, 50]])
    first, last, sure = best_spans(start, end, batch, Decoding(9))
    assert (int(first), int(last)) == (1, 1)
    torch.testing.assert_close(sure, torch.tensor([[1 / 3, 1 / 3, 1 / 9, 2 / 9]]))


def test_support_is_the_probability_of_all_spans_that_the_best_is_right_by() -> None:
    generator = torch.Generator().manual_seed(5)
    sides = torch.tensor([[0, 1, 1, 1, 1, 0, 2, 2, 2, 2, 0]])
    blocks = torch.tensor([[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]])
    batch = Batch(sides, torch.ones_like(sides), sides, blocks, sides, sides, answers_none=True)
    allowed = batch.allowed[0]
    for _ in range(30):
        start, end = 2 * torch.randn(1, 11, generator=generator), 2 * torch.randn(1, 11, generator=generator)
        first, last, sure = best_spans(start, end, batch, Decoding(3, within_block=True))
        starts, ends = (one[0].masked_fill(~allowed, -torch.inf).softmax(0) for one in (start, end))
        best = set(range(int(first), int(last) + 1))
        wanted = 0.0
        for i in range(11):
            for j in range(i, min(i + 3, 11)):
                own = set(range(i, j + 1))
                is_valid = all(sides[0, k] == sides[0, i] != 0 and blocks[0, k] == blocks[0, i] for k in own)
                if is_valid and len(best & own) / len(best | own) >= 0.5:
                    wanted += float(starts[i] * ends[j])
        assert float(sure[0, 3]) == pytest.approx(wanted, rel=1e-5)
        assert float(sure[0, 3]) >= float(sure[0, 0] * sure[0, 1])


def test_probabilities_are_the_calibration_s(model: SpanModel) -> None:
    texts = [Texts("a red cat .", "look here", ""), Texts("", "", ""), Texts("dog", "", "")]
    # Of one token a span is certain, as far as 9,999 in 10,000 are.
    right, nothing = OfSupport(bias=1.0, slope=0.0), OfSupportAndNone(bias=-1.0, support=-1.0, none=0.0)
    model.settings = model.settings.model_copy(update={"calibration": Calibration(right=right, nothing=nothing)})
    found = predict_texts(model, texts, 2)
    assert found.confidence[2] == pytest.approx(0.7310586)
    assert found.nothing[2] == pytest.approx(0.2689414)
    assert found.nothing[0] > found.nothing[2]
    assert np.isnan(found.confidence[1]) and np.isnan(found.nothing[1])
    model.settings = model.settings.model_copy(update={"calibration": Calibration(right=right)})
    assert predict_texts(model, texts, 2).nothing.tolist() == [0, 0, 0]


def test_confidences_are_probabilities_their_mean_and_their_product(model: SpanModel) -> None:
    found = predict_texts(model, [Texts("a red cat .", "look here", ""), Texts("dog", "", "")], 2)
    for values in (found.start_confidence, found.end_confidence):
        assert ((values > 0) & (values <= 1)).all()
    np.testing.assert_allclose(found.average_confidence, (found.start_confidence + found.end_confidence) / 2)
    np.testing.assert_allclose(found.span_confidence, found.start_confidence * found.end_confidence)
    # One token leaves no choice.
    assert found.span_confidence[1] == 1
    assert (found.start[1], found.end[1]) == (0, 3)


def test_spans_lie_on_one_side_whatever_the_batch(model: SpanModel) -> None:
    generator = np.random.default_rng(0)
    texts = [
        Texts(
            "a red cat . " * int(generator.integers(0, 9)),
            "the white dog in the snow " * int(generator.integers(0, 9)),
            "",
        )
        for _ in range(30)
    ]
    found, alone = predict_texts(model, texts, 7), predict_texts(model, texts, 1)
    assert found.start.tolist() == alone.start.tolist()
    assert found.end.tolist() == alone.end.tolist()
    np.testing.assert_allclose(found.span_confidence, alone.span_confidence, rtol=1e-4)
    for text, start, end in zip(texts, found.start, found.end, strict=True):
        if text.before or text.after:
            assert start < end
            assert end <= len(text.before) or start >= len(text.before)
        else:
            assert start == end == -1


def test_nothing_to_look_at(model: SpanModel) -> None:
    found = predict_texts(model, [Texts("", "", "alt"), Texts(" \n", "\t", "")], 4)
    assert found.start.tolist() == found.end.tolist() == [-1, -1]
    assert np.isnan(found.span_confidence).all()
    assert len(predict(model, [], 4)) == 0


def test_equal_texts_are_looked_at_once(model: SpanModel, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    forward = model.forward
    monkeypatch.setattr(model, "forward", lambda ids, *rest: (seen.append(len(ids)), forward(ids, *rest))[1])
    found = predict_texts(model, [Texts("a cat", "dog", "x"), Texts("owl", "", ""), Texts("a cat", "dog", "y")], 8)
    assert sum(seen) == 2
    assert found.start[0] == found.start[2]


def test_batches_hold_every_window_once(model: SpanModel) -> None:
    windows = list(model.fitter().fit([Texts("cat " * (n % 13), "dog", "") for n in range(101)]))
    for batches in (by_length(windows, 8), shuffled(windows, 8, seed=1)):
        assert sorted(row for rows in batches for row in rows) == list(range(101))
        assert max(map(len, batches)) == 8
    lengths = [len(windows[row]) for rows in by_length(windows, 8) for row in rows]
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) == 13
    for rows in by_length(windows, 8):
        batch = collate([windows[row] for row in rows], 0, torch.device("cpu"), answers_none=False)
        assert batch.ids.shape == (len(rows), len(windows[rows[0]]))
    assert shuffled(windows, 8, seed=1) == shuffled(windows, 8, seed=1) != shuffled(windows, 8, seed=2)


def test_padding_is_masked(model: SpanModel) -> None:
    windows = list(model.fitter().fit([Texts("a red cat", "", ""), Texts("", "dog", "")]))
    batch = collate(windows, 0, torch.device("cpu"), answers_none=False)
    assert batch.mask.sum(1).tolist() == [6, 4]
    assert batch.allowed.sum(1).tolist() == [3, 1]
