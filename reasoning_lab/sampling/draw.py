"""The next token of each row: the likeliest one, or one drawn with the row's own random numbers."""

from hashlib import blake2b

import torch

from reasoning_lab.sampling.params import Params
from reasoning_lab.sampling.request import Key


def noise(key: Key, params: Params) -> torch.Tensor:
    """Uniform numbers in [0, 1), one a token, float32: a stream of this completion's own.

    Made from the seed and the key alone, so that neither the batch nor the other requests change
    what is drawn. The global random state is not touched.
    """
    said = f"{params.seed}/{key.problem}/{key.sample}"
    digest = blake2b(said.encode(), digest_size=7).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest, "big"))
    return torch.rand(params.max_completion_length, generator=generator)


def choose(logits: torch.Tensor, uniform: torch.Tensor | None, params: Params) -> torch.Tensor:
    """The next token of each row, shape (rows,): the likeliest, or the one at quantile `uniform`.

    `logits` are (rows, vocabulary), `uniform` (rows,). Top-k is applied before top-p; tokens as
    likely as the last one that is kept are kept too.
    """
    likeliest = logits.argmax(-1)
    if uniform is None:
        return likeliest
    scaled = logits.float() / params.temperature
    if 0 < params.top_k < scaled.shape[-1]:
        least = scaled.topk(params.top_k).values[:, -1:]
        scaled = scaled.masked_fill(scaled < least, -torch.inf)
    mass = torch.softmax(scaled, dim=-1)
    if params.top_p < 1:
        mass = mass.masked_fill(mass < _least_mass(mass, params.top_p), 0.0)
    mass = mass.cumsum(-1)
    drawn = torch.searchsorted(mass, uniform[:, None] * mass[:, -1:], right=True)[:, 0]
    return torch.where(drawn < mass.shape[-1], drawn, likeliest)


def _least_mass(mass: torch.Tensor, top_p: float) -> torch.Tensor:
    """Of each row the smallest probability that `top_p` still needs, shape (rows, 1)."""
    ordered = mass.sort(dim=-1, descending=True).values
    before = ordered.cumsum(-1) - ordered
    needed = (before < top_p).sum(-1, keepdim=True).clamp_min(1)
    return ordered.gather(-1, needed - 1)
