r"""The lab's verifier on the test tables of math-verify itself, each prediction put into a box.

    python -m experiments.math_verify_own_tests            # fetches the source archive from PyPI
    python -m experiments.math_verify_own_tests --archive math_verify-0.9.0.tar.gz

Every literal row (gold, prediction, whether they are the same) of its parametrised tests is read
from the archive, never run. A prediction that holds a `\boxed` is judged as it stands. Rows are
left out by the rules and the table below, each with its reason; math_verify_own_tests.csv has a
line for every row, but not the rows themselves, which are math-verify's (Apache-2.0).
"""

import argparse
import ast
import csv
import hashlib
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from reasoning_lab.judges.math.verify import Item, verify_batch
from reasoning_lab.statistics.interval import proportion

HERE = Path(__file__).parent
VERSION = "0.9.0"
SHA256 = "45ac6c61344ba056b9e99a660a4bc8d044ed408f730aed68c60435aa5eec4645"
_MATHS = re.compile(r"\$\$.*?\$\$|\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]", re.DOTALL)
_WORDS_FIRST = re.compile(r"[A-Za-z]{2,}[^A-Za-z]*[\s:]\s*.*[\d$\\]", re.DOTALL)
SENTENCE = "the box would hold a sentence"
GOLD_SENTENCE = "the gold is a whole text without a box"
COMMA = "policy: a decimal comma is no decimal point"
SPACE = "policy: a plain space may part two answers"
ROUNDED = "policy: a decimal of two or four places for a fraction is another number"
CHAIN = "policy: a chain of equations whose parts differ in value"
OPTION = "depends on an option of math-verify that has no counterpart here"
LEFT_OUT = {  # by file and line of the archive
    ("test_all.py", 65): SPACE,
    ("test_all.py", 70): COMMA,
    ("test_all.py", 71): COMMA,
    ("test_all.py", 87): COMMA,
    ("test_all.py", 141): "policy: 3/3 for 1 leaves the division standing",
    ("test_all.py", 394): CHAIN,
    ("test_all.py", 405): CHAIN,
    ("test_all.py", 411): CHAIN,
    ("test_all.py", 423): "policy: an approximation names no value",
    ("test_all.py", 429): CHAIN,
    ("test_all.py", 458): CHAIN,
    ("test_all.py", 467): CHAIN,
    ("test_all.py", 468): CHAIN,
    ("test_all.py", 592): ROUNDED,
    ("test_all.py", 611): ROUNDED,
    ("test_all.py", 760): "policy: {1,3} is no ordered pair",
    ("test_all.py", 913): OPTION,
    ("test_strict.py", 7): OPTION,
    ("test_strict.py", 8): OPTION,
    ("test_yujianll.py", 28): "calls 1+1/e and 1-1/e the same, which its later version corrects",
}


class Row(NamedTuple):
    """One row of a table: where it stands, and what it says."""

    file: str
    line: int
    gold: str
    prediction: str
    same: bool

    def left_out(self) -> str:
        """Why the row is left out, "" if it is judged."""
        if reason := LEFT_OUT.get((self.file, self.line)):
            return reason
        if "\\boxed" not in self.gold and len(self.gold) > 500:
            return GOLD_SENTENCE
        if "\\boxed" in self.prediction:
            return ""
        outside = _MATHS.sub("$", self.prediction)
        long = len(self.prediction) > 300
        return SENTENCE if long or _WORDS_FIRST.match(outside.lstrip(". ")) else ""

    def item(self) -> Item:
        """What the verifier is asked."""
        boxed = "\\boxed" in self.prediction
        return Item(self.prediction if boxed else f"\\boxed{{{self.prediction}}}", self.gold)


def fetched(folder: Path) -> Path:
    """The source archive, fetched from PyPI."""
    wanted = ["--no-deps", "--no-binary", ":all:", f"math-verify=={VERSION}", "-d", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "download", "-q", *wanted], check=True)
    return next(folder.glob("*.tar.gz"))


def rows(archive: Path) -> Iterator[Row]:
    """Every literal row of its tables; raises SystemExit for another archive."""
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{archive.name} is not the source archive of math-verify {VERSION}")
    with tarfile.open(archive) as tar:
        for member in sorted(tar.getmembers(), key=lambda one: one.name):
            path = Path(member.name)
            file = tar.extractfile(member) if path.match("tests/test_*.py") else None
            if file is not None and path.name != "test_string_extraction.py":  # strings, no maths
                yield from tables(path.name, ast.parse(file.read()))


def tables(file: str, tree: ast.Module) -> Iterator[Row]:
    """The rows of one file."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("parametrize")):
            continue
        names = [name.strip() for name in ast.literal_eval(node.args[0]).split(",")]
        for element in getattr(node.args[1], "elts", []):
            try:
                values = dict(zip(names, ast.literal_eval(element), strict=True))
            except ValueError:  # computed while the tests are read
                continue
            same = values.get("expected", values.get("result"))
            if {"gold", "pred"} <= values.keys() and same is not None:
                yield Row(file, element.lineno, values["gold"], values["pred"], bool(same))


def main() -> None:
    """Judge the rows, print the figures, and write the CSV."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, help="the source archive (default: from PyPI)")
    parser.add_argument("--out", type=Path, default=HERE / "math_verify_own_tests.csv")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = list(rows(asked.archive or fetched(Path(folder))))
    judged = [row for row in table if not row.left_out()]
    said = dict(zip(judged, verify_batch([row.item() for row in judged]), strict=True))
    agree = {row: (one.verdict == "correct") == row.same for row, one in said.items()}
    share = proportion(sum(agree.values()), len(agree))
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, cwd=HERE, check=True).stdout
    print(
        f"{date.today()}, commit {commit.strip()}, Python {platform.python_version()}: "
        f"{len(table)} rows, {len(table) - len(judged)} left out, "
        f"{sum(agree.values())} of {len(agree)} agree, {100 * (share.value or 0):.1f} % "
        f"[{100 * (share.low or 0):.1f}, {100 * (share.high or 0):.1f}]"
    )
    for reason, count in Counter(row.left_out() for row in table if row not in said).most_common():
        print(f"  left out {count}: {reason}")
    with asked.out.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "line", "same", "lab", "reason", "left_out"])
        for row in table:
            one = said.get(row)
            found = ("", "") if one is None else (one.verdict.value, one.reason)
            writer.writerow([row.file, row.line, int(row.same), *found, row.left_out()])
            if one is not None and not agree[row]:
                print(f"  {row.file}:{row.line}: {one.verdict}, should be {row.same}: {one.reason}")


if __name__ == "__main__":
    main()
