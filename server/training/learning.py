"""The table's training: a text and its code come near, all other codes of a batch go away (InfoNCE)."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy, normalize

from training.bags import Bags

_TEMPERATURE = 0.05
_BATCH = 512
_RATE = 3e-3


def learned(texts: Bags, codes: Bags, *, pieces: int, dimension: int, epochs: int, seed: int) -> NDArray[np.float32]:
    """A vector for each piece, from random numbers; rare pieces begin longer, as by inverse document frequency."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    table = torch.nn.EmbeddingBag(pieces, dimension, mode="sum", sparse=True)
    with torch.no_grad():
        table.weight.normal_(0, dimension**-0.5)
        table.weight.mul_(torch.from_numpy(_rarity(texts, codes, pieces))[:, None])
    optimizer = torch.optim.SparseAdam(table.parameters(), lr=_RATE)
    steps = len(texts) // _BATCH
    for epoch in range(epochs):
        order = random.permutation(len(texts))
        total = 0.0
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = _RATE * (1 - (epoch * steps + step) / (epochs * steps))
            batch = order[step * _BATCH : (step + 1) * _BATCH]
            loss = _loss(_embedded(table, texts, batch), _embedded(table, codes, batch))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {epochs}: loss {total / steps:.3f}", flush=True)
    vectors: NDArray[np.float32] = table.weight.detach().numpy()
    return vectors


def _rarity(texts: Bags, codes: Bags, pieces: int) -> NDArray[np.float32]:
    frequency = sum(np.bincount(bags.pieces, minlength=pieces) for bags in (texts, codes))
    weights: NDArray[np.float32] = np.log1p(2 * len(texts) / (1 + frequency)).astype(np.float32)
    weights /= weights.mean()
    return weights


def _embedded(table: torch.nn.EmbeddingBag, bags: Bags, batch: NDArray[np.int64]) -> torch.Tensor:
    pieces, weights, starts = map(torch.from_numpy, bags.chosen(batch))
    return normalize(table(pieces, starts, per_sample_weights=weights), dim=1)


def _loss(texts: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    likeness = texts @ codes.T / _TEMPERATURE
    right = torch.arange(len(likeness))
    return (cross_entropy(likeness, right) + cross_entropy(likeness.T, right)) / 2
