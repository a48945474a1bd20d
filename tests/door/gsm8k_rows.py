"""Rows like those of GSM8K, 20 a split."""

import json
from pathlib import Path


def rows(folder: Path, words: int) -> Path:
    """Write both splits into `folder`; each question has so many words."""
    for split in ("train", "test"):
        questions = [f"{split} {number}: " + "apples " * words for number in range(20)]
        lines = [json.dumps({"question": one, "answer": "#### 3"}) for one in questions]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
