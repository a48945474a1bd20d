"""Rows as contest data sets hold them, written for this table: each with its own right reference.

By what JSON, or the data set, left unsaid. `wrong` are programs that look alike and must not pass.
"""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Contest:
    """A row for a reader, the shape that it is an example of, and wrong programs."""

    shape: str
    reader: str
    row: dict[str, Any]
    wrong: tuple[str, ...] = ()


def solution(body: str, head: str = "x", before: str = "") -> str:
    """`f` as a method of a class Solution, as on LeetCode."""
    return f"{before}class Solution:\n    def f(self, {head}):\n        {body}"


def called(
    reference: str, inputs: list[Any], outputs: list[Any], starter: str = ""
) -> dict[str, Any]:
    """A TACO row whose tests call `f`."""
    tests = {"fn_name": "f", "inputs": inputs, "outputs": outputs}
    return {
        "question": "Find f.",
        "solutions": json.dumps([reference]),
        "starter_code": starter,
        "input_output": json.dumps(tests),
    }


def run(reference: str, read: str, written: str) -> dict[str, Any]:
    """A TACO row whose one test runs the program."""
    tests = {"inputs": [read], "outputs": [written]}
    row = {"question": "Read, and write the result.", "solutions": json.dumps([reference])}
    return {**row, "starter_code": "", "input_output": json.dumps(tests)}


def pytest_file(reference: str, test: str) -> dict[str, Any]:
    """A KodCode row."""
    case = f"from solution import f\n\ndef test_f():\n    {test}\n"
    return {"question": "Find f.", "solution": reference, "test": case}


LISTED = "class Solution:\n    def f(self, x: List[int]) -> List[int]:\n        "
PAIRED = "def f(x):\n    return sorted((a, b) for a in x for b in x if a < b)"

IMPORTS = [
    ("taco", called(solution("return sorted(x)", "x: List[int]) -> (List[int]"),
                    [[[2, 1]]], [[1, 2]], LISTED)),
    ("taco", called("def f(s): return Counter(s).most_common(1)[0][0]", [["aab"]], ["a"])),
    ("taco", called("def f(x): return [gcd(*x), sqrt(4), math.comb(4, 2)]",
                    [[[4, 6]]], [[2, 2.0, 6]])),
    ("taco", called("@lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)",
                    [[10]], [55])),
    ("taco", called("def f(x):\n    h = list(x)\n    heapify(h)\n    return heappop(h)",
                    [[[3, 1, 2]]], [1])),
    ("taco", called("def f(x, y): return bisect.bisect_left(x, y) + bisect_right(x, y)",
                    [[[1, 2, 2], 2]], [4])),
    ("taco", called("def f(s): return re.sub('[aeiou]', '', s) + string.digits[:1]",
                    [["banana"]], ["bnn0"])),
    ("taco", called("def f(x): return reduce(operator.mul, x)", [[[2, 3, 4]]], [24])),
    ("taco", called("def f(x): return [''.join(p) for p in permutations(x)]",
                    [["ab"]], [["ab", "ba"]])),
    ("taco", called("from __future__ import annotations\ndef f(x: Deque[int]): return deque(x)[0]",
                    [[[7, 8]]], [7])),
    ("taco", called("def f(x): return pow(x, 2, 5)", [[3]], [4])),
    ("taco", run("d = defaultdict(int)\nfor c in input(): d[c] += 1\nprint(d['a'], inf)",
                 "banana", "3 inf")),
    ("taco", run("input = sys.stdin.readline\nn = int(input())\nprint(math.factorial(n))",
                 "4", "24")),
    ("kodcode", pytest_file("def f(x: Optional[List[int]]) -> int: return sum(x or [])",
                            "assert f([1, 2]) == 3")),
    ("kodcode", pytest_file("def f(s): return dict(Counter(s))", "assert f('aa') == {'a': 2}")),
    ("kodcode", pytest_file("def f(x): return math.ceil(x) + floor(x)", "assert f(1.5) == 3")),
    ("kodcode", pytest_file("def f(x): return heapq.nsmallest(2, x)",
                            "assert f([3, 1, 2]) == [1, 2]")),
    ("kodcode", pytest_file("from __future__ import annotations\n"
                            "def f(x: List[int]): return list(accumulate(x))",
                            "assert f([1, 2]) == [1, 3]")),
    ("kodcode", pytest_file("def f(x): return datetime.date(2024, x, 1).isoformat()",
                            "assert f(2) == '2024-02-01'")),
]  # fmt: skip

TUPLES = [
    (called("def f(x): return (x, x + 1)", [[1], [2]], [[1, 2], [2, 3]]),
     ["def f(x): return {x, x + 1}", "def f(x): return (x + 1, x)",
      "def f(x): return f'{x} {x + 1}'"]),
    (called(PAIRED, [[[1, 2]], [[1, 2, 3]]], [[[1, 2]], [[1, 2], [1, 3], [2, 3]]]),
     ["def f(x): return []"]),
    (called(PAIRED, [[[1, 2]], [[1, 2, 3]]], [[[[1, 2]]], [[[1, 2], [1, 3], [2, 3]]]]),
     [PAIRED.replace("sorted(", "[").replace("a < b)", "a < b], 0")]),
    (called("def f(x): return [[(a, 1) for a in x]]", [[[1, 2]], [[3]]],
            [[[[1, 1], [2, 1]]], [[[3, 1]]]]), []),
    (called("def f(x): return {'pair': (x, 1)}", [[2]], [{"pair": [2, 1]}]), []),
    (called("def f(x): return ('a', [x, (x,)], None)", [[2]], [["a", [2, [2]], None]]), []),
    (called("import collections\nP = collections.namedtuple('P', 'x y')\ndef f(x): return P(x, 0)",
            [[1]], [[1, 0]]), []),
    (called("def f(x): return divmod(x, 3)", [[7], [9]], [[2, 1], [3, 0]]),
     ["def f(x): return [x // 3]", "def f(x): return iter(divmod(x, 3))"]),
    (called("def f(x): return tuple(x)", [[[]], [[1]]], [[], [1]]), ["def f(x): return None"]),
]  # fmt: skip
TUPLES_IN = [
    called("def f(x: List[Tuple[int, int]]) -> int: return len(set(x))", [[[[1, 2], [1, 2]]]], [1]),
    called("def f(x): return {x: 1}[x]", [[[1, 2]]], [1], "def f(x: tuple) -> int:\n    "),
    called("def f(x: Set[int]) -> int: return len(x | {9})", [[[1, 2]]], [3]),
    called("def f(x: 'Tuple[int, ...]'): return hash(x) == hash((1, 2))", [[[1, 2]]], [True]),
]

KEYS = [
    (called("def f(x): return {n: n * n for n in x}", [[[1, 3]]], [{"1": 1, "3": 9}]),
     ["def f(x): return {n: n for n in x}", "def f(x): return {1: 1, '3': 9}",
      "def f(x): return {1: 1}", "def f(x): return [[1, 1], [3, 9]]"]),
    (called("def f(x): return {n: n * n for n in x}", [[[1, 3]]], [[{"1": 1, "3": 9}]]), []),
    (called("def f(x): return {'a': {n: [n] for n in x}}", [[[1]]], [{"a": {"1": [1]}}]), []),
    (called("def f(x): return [{n: 1} for n in x]", [[[1, 2]]], [[{"1": 1}, {"2": 1}]]), []),
    (called("def f(s): return {c: s.count(c) for c in s}", [["121"]], [{"1": 2, "2": 1}]),
     ["def f(s): return {c: 1 for c in s}"]),
    (called("import collections\ndef f(x): return collections.Counter(x)",
            [[[5, 5]]], [{"5": 2}]), []),
    (called("def f(x): return {-x: 0.5, 1.5: (x,)}", [[2]], [{"-2": 0.5, "1.5": [2]}]), []),
    (called("def f(x): return {x > 1: 'a', None: 'b'}", [[2]], [{"true": "a", "null": "b"}]),
     ["def f(x): return {True: 'a'}"]),
    (called("def f(x): return {}", [[2]], [{}]), ["def f(x): return []"]),
]  # fmt: skip
KEYS_IN = [
    called("def f(d): return d[3]", [[{"3": 2}]], [2]),
    called("def f(d, k): return d[k]", [[{"3": 2, "4": 5}, 4]], [5]),
    called("def f(k, d): return d.get(k, 0)", [[4, {"4": 5}], [1, {}]], [5, 0]),
    called("def f(g): return [b + 1 for b in g[1]]", [[{"1": [2], "2": []}]], [[3]]),
    called("def f(ds): return sum(d[1] for d in ds)", [[[{"1": 2}, {"1": 3}]]], [5]),
    called("def f(g): return g[1][2]", [[{"1": {"2": 7}}]], [7]),
    called("def f(g): return g['a'][2]", [[{"a": {"2": 7}}]], [7]),
    called("def f(d): return d['3']", [[{"3": 2}]], [2], "def f(d: Dict[str, int]) -> int:\n    "),
    called("def f(d): return d['3'] + d['a']", [[{"3": 2, "a": 1}]], [3]),
    called("def f(d: dict[float, int]): return d[1.5]", [[{"1.5": 2}]], [2]),
]

WRAPPED = [
    (called("def f(x): return 2 * x", [[2], [0]], [[4], [0]]), ["def f(x): return [2 * x]"]),
    (called("def f(x): return 2 * x", [[2], [0], [3]], [[4], 0, [6]]),
     ["def f(x): return [2 * x]", "def f(x): return [4] if x == 2 else 0 if x == 0 else [6]"]),
    (called("def f(x): return 2 * x", [[2], [0], [3]], [[4], [[0]], [6]]),
     ["def f(x): return [2 * x]"]),
    (called("def f(x): return x[:2]", [[[1, 2, 3]], [[3]], [[4, 5]]], [[[1, 2]], [[3]], [4, 5]]),
     ["def f(x): return [x[:2]]", "def f(x): return 3 if len(x) == 1 else x[:2]"]),
    (called(solution("return [max(x)]", "x: List[int]) -> (List[int]", "from typing import List\n"),
            [[[1, 2]]], [[2]], LISTED), ["class Solution:\n    def f(self, x): return max(x)"]),
    (called("def f(x):\n    found = []\n    found.append(x)\n    return found",
            [[5], [6]], [[5], [6]]), ["def f(x): return x"]),
    (called("def f(x): return sorted(x)", [[[5]], [[6]]], [[5], [6]]), ["def f(x): return x[0]"]),
    (called("def f(x): return x or -1", [[[]], [[1, 2]], [[5]]], [-1, [1, 2], [5]]), []),
    (called("def f(x): return [[]] + [[n] for n in x]", [[[]], [[1]]], [[[]], [[], [1]]]), []),
    (called("def f(x): return [n for n in x if n]", [[[0]], [[1, 2]]], [[[]], [[1, 2]]]), []),
    (called("def f(x): return len(x) > 1", [["ab"], ["a"]], [[True], False]), []),
    (called("def f(s): return s.split()", [["a b"], ["c"]], [["a", "b"], ["c"]]),
     ["def f(s): return s.split() if ' ' in s else s"]),
]  # fmt: skip
WRAPPED_IN = [
    called("def f(x): return sum(x)", [[[1, 2]], [3, 4], [[5]]], [3, 7, 5]),
    called("def f(x): return sum(x)", [[[1, 2]], [[3]], [4]], [3, 3, 4]),
    called("def f(x): return 2 * x", [[2], 3, [4]], [4, 6, 8]),
    called("def f(x): return 2 * x", [[2], [[3]], [4]], [4, 6, 8]),
    called("def f(a, b): return a - b", [[5, 2], [[7, 3]], [9, 1]], [3, 4, 8]),
    called("def f(a, b): return a - b", [[[5, 2]], [[7, 3]]], [3, 4]),
    called("def f(s): return s[::-1]", [["abc"], "de"], ["cba", "ed"]),
    called("def f(x: int) -> int: return x + 1", [[[1]], [[2]]], [2, 3]),
    called("def f(x: List[int], k: int) -> int: return x[0] + k", [[1, 2], [[[3]], [4]]], [3, 7]),
    called("def f(a, b): return a[b]", ["[5, 6]\n1", "[7]\n0"], ["6", "7"]),
    called("def f(s: str) -> str: return s[::-1]", ["12", "34"], ["21", "43"]),
    called("def f(): return 1", [[]], [1]),
]

OWNERS = [
    called(solution("return 2 * x"), [[2]], [4]),
    called(solution("return 2 * x", before="class Other: pass\n"), [[2]], [4]),
    called("class Solution:\n    @staticmethod\n    def f(x): return x", [[2]], [2]),
    called(solution("return 2 * x", "x, y=1"), [[2]], [4], "# Begin here"),
    called(
        solution("return 2 * x"), [[2]], [4], "class Solution:\n    def f(self, x):\n        # here"
    ),
    called("f = lambda x: 2 * x", [[2]], [4]),
    {**called("", [[2]], [4]), "solutions": json.dumps(["print 2", "def f(x): return 2 * x"])},
    {**called("", [[2]], [4]), "solutions": "def f(x): return 2 * x"},
]

MARKS = ("\ufeffdef f(x): return 2 * x", "```python\ndef f(x): return 2 * x\n```")
MARKED = [
    *(("taco", called(mark, [[2], [3]], [4, 6])) for mark in MARKS),
    *(("kodcode", pytest_file(mark, "assert f(2) == 4")) for mark in MARKS),
    *(
        ("mbpp", {"text": "Double.", "code": mark, "test_list": ["assert f(2) == 4"]})
        for mark in MARKS
    ),
    *(
        (
            "code_tests",
            {
                "question": "Double.",
                "answer": mark,
                "tests": [{"type": "call", "fn": "f", "args": [2], "expected": 4}],
            },
        )
        for mark in MARKS
    ),
    (
        "humaneval",
        {
            "prompt": '\ufeffdef f(x):\n    """Double."""\n',
            "entry_point": "f",
            "canonical_solution": "    return 2 * x",
            "test": "\ufeffdef check(candidate):\n    assert candidate(2) == 4",
        },
    ),
]

ROWS = [
    *(Contest("no imports", reader, row) for reader, row in IMPORTS),
    *(Contest("a tuple for a list", "taco", row, tuple(wrong)) for row, wrong in TUPLES),
    *(Contest("a tuple as argument", "taco", row) for row in TUPLES_IN),
    *(Contest("keys of a result", "taco", row, tuple(wrong)) for row, wrong in KEYS),
    *(Contest("keys of an argument", "taco", row) for row in KEYS_IN),
    *(Contest("a result wrapped", "taco", row, tuple(wrong)) for row, wrong in WRAPPED),
    *(Contest("arguments wrapped", "taco", row) for row in WRAPPED_IN),
    *(Contest("where the function is", "taco", row) for row in OWNERS),
    *(Contest("a mark or a fence in front", reader, row) for reader, row in MARKED),
]
