"""A decode step of the lab's own, for networks of Llama's kind: the same numbers, fewer calls.

transformers' forward spends much of a small model's step on preparing calls, and copies keys that
several heads share. This one calls the network's own layers (so that adapters and quantized layers
stay what they are) and leaves the rest out. It is used only where its logits agree with those of
transformers' forward, which is looked at once before an engine uses it.
"""

import logging
from typing import Any

import torch
from torch.nn.functional import rms_norm
from transformers import PreTrainedModel

from reasoning_lab.sampling.cache import Places, SlotCache, SlotLayer
from reasoning_lab.sampling.slots import FULL, Forward, TransformersStep, attention_kinds

_LOG = logging.getLogger(__name__)
KINDS = ("llama", "qwen2", "qwen3", "mistral")
"""Values of `model_type` whose layers are computed as here."""
ROUNDING = {torch.float64: 1e-9, torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}
"""How far logits may be apart, as a share of the greatest, by the model's number type."""
_TOKENS = (5, 11, 7, 3)


def quickest_step(model: PreTrainedModel) -> Forward:
    """The lab's own step where it gives the model's logits, else transformers' forward.

    That a network of a known kind is not computed alike is logged as a warning.
    """
    plain = TransformersStep(model)
    config = model.config.get_text_config()
    known = config.model_type in KINDS and model.device.type == "cpu"
    if not known or attention_kinds(model) != {FULL} or not hasattr(model, "lm_head"):
        return plain
    own = OwnStep(model)
    apart = _apart(model, plain, own)
    if apart <= ROUNDING.get(model.dtype, 0.0):
        return own
    _LOG.warning(
        "sampling goes through transformers' forward, which is slower: the lab's own step gives"
        " other logits for this %s network (%.1e apart)",
        config.model_type,
        apart,
    )
    return plain


def _apart(model: PreTrainedModel, plain: Forward, own: Forward) -> float:
    """The greatest difference of two forwards' logits over a few tokens, as a share."""
    ids, found = torch.tensor(_TOKENS, device=model.device), []
    for forward in (plain, own):
        places = Places(torch.zeros_like(ids), len(ids))
        cache = SlotCache(model.config.get_text_config().num_hidden_layers, places, len(ids))
        for step in range(len(ids)):
            closed = torch.arange(len(ids), device=model.device) > step
            mask = torch.zeros(len(ids), dtype=model.dtype).masked_fill(closed, -torch.inf)
            logits = forward(ids.roll(step), cache, mask.expand(len(ids), 1, 1, -1))
            places.advance(torch.ones_like(ids))
        found.append(logits.double())
    least, most = found
    return float((least - most).abs().max() / least.abs().max().clamp_min(1e-9))


class OwnStep:
    """One token of every slot through a network."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._network, self._head = model.model, model.lm_head

    def __call__(self, ids: torch.Tensor, cache: SlotCache, mask: torch.Tensor) -> torch.Tensor:
        """Logits of the next token, shape (slots, vocabulary); writes to the cache."""
        network, places = self._network, cache.places
        hidden = network.embed_tokens(ids)
        cos, sin = network.rotary_emb(hidden, places.place[:, None])
        half = sin.shape[-1] // 2
        signed = torch.cat((-sin[..., :half], sin[..., half:]), dim=-1)
        for layer, kept in zip(network.layers, cache.layers, strict=True):
            hidden = hidden + _attention(layer, kept, hidden, mask, (cos, signed))
            mlp, normed = layer.mlp, _norm(layer.post_attention_layernorm, hidden)
            hidden = hidden + mlp.down_proj(mlp.act_fn(mlp.gate_proj(normed)) * mlp.up_proj(normed))
        logits: torch.Tensor = self._head(_norm(network.norm, hidden))
        return logits


def _attention(
    layer: Any,
    kept: SlotLayer,
    hidden: torch.Tensor,
    mask: torch.Tensor,
    turned: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    attention, normed = layer.self_attn, _norm(layer.input_layernorm, hidden)
    shape = (len(hidden), -1, attention.head_dim)
    query = attention.q_proj(normed).view(shape)
    key = attention.k_proj(normed).view(shape)
    value = attention.v_proj(normed).view(shape)
    if hasattr(attention, "q_norm"):
        query, key = _norm(attention.q_norm, query), _norm(attention.k_norm, key)
    query, key = _turn(query, *turned), _turn(key, *turned)
    keys, values = kept.update(key[:, :, None], value[:, :, None])
    # The heads that share a key stand together, as if they were several tokens.
    grouped = query.view(len(hidden), keys.shape[1], -1, attention.head_dim)
    scores = torch.add(mask, grouped @ keys.transpose(2, 3), alpha=attention.scaling)
    seen = torch.softmax(scores, dim=-1) @ values
    found: torch.Tensor = attention.o_proj(seen.reshape(len(hidden), -1))
    return found


def _turn(heads: torch.Tensor, cos: torch.Tensor, signed: torch.Tensor) -> torch.Tensor:
    """Rotary positions; `signed` is the sine with its first half negated."""
    return torch.addcmul(heads * cos, heads.roll(heads.shape[-1] // 2, -1), signed)


def _norm(norm: Any, hidden: torch.Tensor) -> torch.Tensor:
    return rms_norm(hidden, norm.weight.shape, norm.weight, norm.variance_epsilon)
