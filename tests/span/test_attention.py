"""Attention a row at a time is attention."""

from pathlib import Path

import pytest
import torch
from transformers import AutoModel

from webpairs.span import attention
from webpairs.span.attention import attend_by_row

LENGTHS = [40, 40, 17, 1]


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.randint(5, 50, (len(LENGTHS), max(LENGTHS)), generator=torch.Generator().manual_seed(1))
    return ids, (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()


@pytest.mark.parametrize("encoder", ["bert", "distilbert"])
def test_states_are_those_of_torchs_own_attention(
    encoder: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder: Path = request.getfixturevalue(encoder)
    ids, mask = inputs()
    models = [AutoModel.from_pretrained(folder).eval() for _ in range(2)]
    attend_by_row(models[1])
    fell_back = []
    own = attention.sdpa_attention_forward
    monkeypatch.setattr(attention, "sdpa_attention_forward", lambda *a, **k: fell_back.append(1) or own(*a, **k))
    # bfloat16 has eight bits.
    for kind, away in ((torch.float32, 0.0), (torch.bfloat16, 0.05)):
        with torch.inference_mode():
            wanted, found = (model.to(kind)(input_ids=ids, attention_mask=mask)[0].float() for model in models)
        # bfloat16 has eight bits.
        torch.testing.assert_close(found[mask.bool()], wanted[mask.bool()], rtol=0, atol=away)
        assert bool(fell_back) == (kind == torch.float32)
        fell_back.clear()


def test_gradients_are_those_of_torchs_own_attention(bert: Path) -> None:
    ids, mask = inputs()
    gradients = []
    for is_by_row in (False, True):
        model = AutoModel.from_pretrained(bert).eval()
        if is_by_row:
            attend_by_row(model)
        with torch.autocast("cpu", torch.bfloat16):
            states = model(input_ids=ids, attention_mask=mask)[0]
        (states.float()[mask.bool()] ** 2 * torch.arange(32)).mean().backward()
        gradients.append(torch.cat([one.grad.flatten() for one in model.parameters() if one.grad is not None]))
    wanted, found = gradients
    assert wanted.abs().max() > 0
    assert (found - wanted).norm() < 0.02 * wanted.norm()


def test_dropout_and_masks_that_are_no_padding_are_left_to_torch(bert: Path) -> None:
    ids, mask = inputs()
    holes = mask.clone()
    holes[0, 3] = 0
    found = []
    for is_by_row in (False, True):
        model = AutoModel.from_pretrained(bert).to(torch.bfloat16)
        if is_by_row:
            attend_by_row(model)
        torch.manual_seed(0)
        found.append(model.train()(input_ids=ids, attention_mask=mask)[0])  # with dropout
        found.append(model.eval()(input_ids=ids, attention_mask=holes)[0])
    assert torch.equal(found[0], found[2])
    assert torch.equal(found[1], found[3])


def test_lengths_are_those_of_padding_alone() -> None:
    _, mask = inputs()
    seen = mask.bool()[:, None, None].expand(-1, 1, max(LENGTHS), -1)
    query = torch.zeros(len(LENGTHS), 2, max(LENGTHS), 4)
    assert attention._lengths(query, seen) == LENGTHS
    assert attention._lengths(query, None) == [40] * 4
    assert attention._lengths(query, seen & torch.ones(40, 40, dtype=torch.bool).tril()) is None
    holes = mask.clone()
    holes[0, 3] = 0
    assert attention._lengths(query, holes.bool()[:, None, None].expand(-1, 1, 40, -1)) is None


def test_without_a_mask_tokens_of_a_causal_model_see_only_those_before() -> None:
    query = torch.randn(2, 3, 7, 4, dtype=torch.bfloat16, generator=torch.Generator().manual_seed(1))
    module = torch.nn.Module()
    module.is_causal = True  # type: ignore[assignment]
    causal, _ = attention._attend(module, query, query, query, None, scaling=0.5)
    module.is_causal = False  # type: ignore[assignment]
    whole, _ = attention._attend(module, query, query, query, None, scaling=0.5)
    told, _ = attention._attend(module, query, query, query, None, scaling=0.5, is_causal=True)
    assert torch.equal(causal[:, 0], query[:, :, 0])  # the first sees itself alone
    assert not torch.equal(whole[:, 0], query[:, :, 0])
    assert torch.equal(told, causal)
