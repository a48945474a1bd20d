"""Logs of other programs, written by hand in the form of lm-eval 0.4.13 and inspect_ai 0.3.285."""

import json
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def lm_eval_row(number: int, right: float, *, filtered: str = "strict-match", **more: Any) -> Any:
    """A sample of a task that generates, such as gsm8k."""
    question, gold = f"What is {number} + 0?", f"so it is {number}\n#### {number}"
    said = f"It is {number + (not right)}."
    row = {
        "doc_id": number,
        "doc": {"question": question, "answer": gold},
        "target": gold,
        "arguments": {
            "gen_args_0": {
                "arg_0": f"Question: {question}\nAnswer:",
                "arg_1": {"until": ["Question:"], "do_sample": False, "temperature": 0.0},
            }
        },
        "resps": [[said]],
        "filtered_resps": [str(number + (not right))],
        "filter": filtered,
        "metrics": ["exact_match"],
        "doc_hash": f"{number:064x}",
        "prompt_hash": f"{number + 1:064x}",
        "target_hash": f"{number + 2:064x}",
        "exact_match": right,
    }
    return {**row, **more}


def lm_eval_choice(doc: int, picked: int, gold: int) -> Any:
    """A sample of a task that weighs given answers, such as arc_easy."""
    choices = [" red", " green"]
    likely = [["-1.5" if place == picked else "-7.25", "False"] for place in range(2)]
    arguments = {
        f"gen_args_{place}": {"arg_0": f"Question: {doc}?\nAnswer:", "arg_1": choice}
        for place, choice in enumerate(choices)
    }
    right = float(picked == gold)
    return lm_eval_row(
        doc,
        right,
        filtered="none",
        doc={"query": f"{doc}?", "choices": choices, "gold": gold},
        target=str(gold),
        arguments=arguments,
        resps=[[one] for one in likely],
        filtered_resps=likely,
        metrics=["acc", "acc_norm", "brier_score"],
        acc=right,
        acc_norm=1.0 - right,
        brier_score=[0.2, 0.8],
    )


def write_lines(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def inspect_sample(number: int, value: Any, *, epoch: int = 1, **more: Any) -> dict[str, Any]:
    """A sample of a task with one scorer, `match`."""
    text = f"It is {number}."
    choice = {
        "message": {"id": "m", "content": text, "source": "generate", "role": "assistant"},
        "stop_reason": "stop",
    }
    sample = {
        "id": number,
        "epoch": epoch,
        "input": f"What is {number} + 0?",
        "target": str(number),
        "messages": [],
        "output": {
            "model": "mockllm/model",
            "choices": [choice],
            "completion": text,
            "usage": {"input_tokens": 20, "output_tokens": 7, "total_tokens": 27},
            "time": 0.1,
        },
        "scores": {"match": {"value": value, "answer": str(number), "history": []}},
        "metadata": {},
        "store": {},
        "events": [],
        "model_usage": {},
        "attachments": {},
        "uuid": f"u{number}-{epoch}",
    }
    return {**sample, **more}


def _header() -> dict[str, Any]:
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "sums", "model": "mockllm/model", "created": "2026-11-01T10:00:00+00:00"},
        "plan": {"name": "plan", "steps": []},
        "results": {"total_samples": 2, "completed_samples": 2, "scores": []},
        "stats": {},
    }


def inspect_json(path: Path, samples: Sequence[Any] | None) -> Path:
    """A `.json` log; without samples a header alone."""
    log = _header() if samples is None else {**_header(), "samples": list(samples)}
    path.write_text(json.dumps(log, indent=2), encoding="utf-8")
    return path


def inspect_eval(path: Path, samples: Sequence[Any], *, zstandard: bool) -> Path:
    """A `.eval` log: a zip, of which inspect packs each file by Zstandard."""
    header = {"_journal/start.json": _header(), "header.json": _header()}
    files = {f"samples/{one['id']}_epoch_{one['epoch']}.json": one for one in samples}
    texts = {name: json.dumps(one).encode() for name, one in {**header, **files}.items()}
    if not zstandard:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in texts.items():
                archive.writestr(name, text)
        return path
    path.write_bytes(_zip_of_zstandard(texts))
    return path


def _zip_of_zstandard(files: dict[str, bytes]) -> bytes:
    """A zip with compression method 93, which Python's zipfile cannot write before 3.14."""
    import pyarrow

    codec = pyarrow.Codec("zstd")
    body, directory = b"", b""
    for name, text in files.items():
        packed, named, begin = codec.compress(text, asbytes=True), name.encode(), len(body)
        # Version, flags, method, time, date, checksum, sizes, lengths of the name and the extra.
        common = struct.pack(
            "<5H3L2H", 63, 0, 93, 0, 33, zlib.crc32(text), len(packed), len(text), len(named), 4
        )
        extra = struct.pack("<2H", 0x9999, 0)
        body += b"PK\x03\x04" + common + named + extra + packed
        directory += b"PK\x01\x02" + struct.pack("<H", 63) + common
        directory += struct.pack("<3H2L", 0, 0, 0, 0, begin) + named + extra
    end = struct.pack("<4H2LH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end
