"""pydantic's findings in plain words."""

import json
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reasoning_lab.errors import Problem
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.suggest import did_you_mean

Location = tuple[int | str, ...]
# Unions told apart by their `kind`: pydantic puts the kind into the error's location.
UNIONS = {"stage", "data", "peft", "engine"}
WANTED = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "string": "text",
    "dict": "a set of keys",
    "model": "a set of keys",
    "tuple": "a list",
    "finite": "a finite number",
}
BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def problems(error: ValidationError) -> list[Problem]:
    """Every finding as a `Problem` with the full configuration key."""
    return [_problem(details) for details in error.errors(include_url=False)]


def key_of(location: Location) -> str:
    """The configuration key of an error's location.

    >>> key_of(("stage", "grpo", "evaluation", "samples"))
    'stage.evaluation.samples'
    """
    parts = location[:1] + location[2:] if location and location[0] in UNIONS else location
    key = ""
    for part in parts:
        key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
    return key or "configuration"


def _problem(details: ErrorDetails) -> Problem:
    key, kind, got = key_of(details["loc"]), details["type"], shown(details.get("input"))
    context = details.get("ctx", {})
    if kind == "missing":
        return Problem(key, "is not set", _half_a_term(details["loc"]) or f"add {key}=…")
    if kind == "extra_forbidden":
        word = str(details["loc"][-1])
        return Problem(key, "there is no such setting", _siblings(details["loc"], word))
    if kind in ("literal_error", "union_tag_invalid", "union_tag_not_found"):
        return _choice(key, details)
    if kind in BOUNDS:
        words, name = BOUNDS[kind]
        return Problem(key, f"must be {words} {_number(context[name])}, got {got}")
    if kind == "string_pattern_mismatch":
        return Problem(key, f"{got} is not allowed", PATTERNS.get(_name(key), ""))
    if kind in ("too_short", "string_too_short"):
        return Problem(key, "must not be empty")
    if kind == "int_parsing_size":
        return Problem(key, "is too large a number")
    wanted = WANTED.get(kind.split("_")[0])
    if wanted is None:
        return Problem(key, details["msg"])
    return Problem(key, f"must be {wanted}, got {got}", _rewrite(key, kind, details.get("input")))


PATTERNS = {
    "name": "use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 80",
    "fn": "write it as module:function, for instance reasoning_lab.rewards.format:think_format",
    "modules": "give names that Python can import, such as numpy",
    "url": "begin with http:// or https://, such as http://127.0.0.1:8000/v1",
    "key_variable": "give the name of an environment variable, such as OPENAI_API_KEY",
}


def _name(key: str) -> str:
    """The last part of a key, without a place in a list."""
    return key.rsplit(".", 1)[-1].partition("[")[0]


def _half_a_term(location: Location) -> str:
    """What was meant where a reward term is there in part only; "" elsewhere."""
    if location[:2] != ("reward", "terms") or len(location) != 4:
        return ""
    term = f"reward.terms.{location[2]}"
    if location[3] == "fn":
        return f"add {term}.fn=MODULE:FUNCTION; to take the term away write ~{term}"
    return f"to add a term write +reward/term@{term}=own {term}.fn=MODULE:FUNCTION"


def _choice(key: str, details: ErrorDetails) -> Problem:
    context, got = details.get("ctx", {}), details.get("input")
    if details["type"] == "union_tag_invalid":
        key, word = f"{key}.kind", str(context["tag"])
        choices = [name.strip(" '") for name in str(context["expected_tags"]).split(",")]
    elif details["type"] == "union_tag_not_found":
        return Problem(key, f"has no kind, got {shown(got)}", f"choose one: {key}=NAME")
    else:
        word = str(got)
        expected = str(context["expected"]).replace(" or ", ", ")
        choices = [name.strip(" '") for name in expected.split(",")]
    got = got if details["type"] == "literal_error" else word
    what = f"must be one of {', '.join(choices)}; got {shown(got)}"
    cure = did_you_mean(word, choices)
    return Problem(key, what, cure if cure.startswith("did") else "")


def _rewrite(key: str, kind: str, got: Any) -> str:
    if kind.startswith("int_") and isinstance(got, float) and got.is_integer():
        return f"write {key}={int(got)}"
    if kind.startswith("tuple_") and isinstance(got, str):
        # A list in quotes is text; the quotes that the shell takes away stand around it all.
        return f"write '{key}=[{got.strip().removeprefix('[').removesuffix(']')}]'"
    return ""


def _siblings(location: Location, word: str) -> str:
    """Did-you-mean among the settings that stand beside the unknown one."""
    model: Any = Run
    for part in location[:-1]:
        model = _step(model, part)
    if model is None:
        return ""
    prefix = key_of(location[:-1]) if location[:-1] else ""
    names = [f"{prefix}.{name}" if prefix else name for name in model.model_fields]
    return did_you_mean(f"{prefix}.{word}" if prefix else word, names)


def _step(model: Any, part: int | str) -> Any:
    """The model class one step further along a location; None where there is none."""
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(str(part))
        return _models(field.annotation) if field else None
    if isinstance(model, list):
        if len(model) == 1:  # a dict of models: the part is its key
            return model[0]
        kinds = {get_args(one.model_fields["kind"].annotation): one for one in model}
        return next((one for tags, one in kinds.items() if part in tags), None)
    return None


def _models(annotation: Any) -> Any:
    """A model class, the list of a union's or a dict's model classes, or None."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [m for a in get_args(annotation) if isinstance(m := _models(a), type)]
    if len(found) == 1 and type(None) in get_args(annotation):
        return found[0]
    return found or None


def shown(value: Any) -> str:
    """A value as a user would write it, shortened."""
    plain = value is None or isinstance(value, bool)
    text = json.dumps(value) if plain else repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
