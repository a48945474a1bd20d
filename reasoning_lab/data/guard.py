"""Which answers may be shown to a scorer that runs them as Python.

Four reasoning-gym scorers call `eval` on the answer and five call sympy's `parse_expr`, which
evaluates too, so a model could be paid for code that it wrote, or stop the run with `9**9**9`.
Such an answer is first read as a syntax tree, and only plain data or plain arithmetic pass.
"""

import ast
import re

EVALUATES = frozenset({"string_insertion", "spiral_matrix", "binary_matrix", "n_queens"})
PARSES = frozenset(
    {
        "countdown",
        "puzzle24",
        "polynomial_multiplication",
        "simple_integration",
        "intermediate_integration",
    }
)
MAX_CHARACTERS = 100_000
MAX_FORMULA = 2_000  # characters of an answer that is parsed as a formula
MAX_EXPONENT = 50
MAX_POWERS = 2  # powers within powers; with exponents to 50 the worst number stays small

_FUNCTIONS = frozenset(
    "sin cos tan sec csc cot sinh cosh tanh asin acos atan asinh acosh atanh exp log ln sqrt "
    "Abs".split()
)
_DATA = (ast.Expression, ast.List, ast.Tuple, ast.Constant, ast.Load, ast.UnaryOp, ast.USub)
_FORMULA = (
    *(ast.Expression, ast.Constant, ast.Load, ast.Name, ast.Call, ast.BinOp, ast.UnaryOp),
    *(ast.UAdd, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow),
)
# A number such as 1e999999 takes for ever once it is made exact.
_HUGE = re.compile(r"\d[eE][+-]?\d{4,}")


def safe(task: str, answer: str) -> bool:
    """Whether the scorer of `task` may see `answer`. Linear in its length, and never runs it."""
    if len(answer) > MAX_CHARACTERS or _HUGE.search(answer):
        return False
    if task not in EVALUATES and task not in PARSES:
        return True
    if task in PARSES and len(answer) > MAX_FORMULA:
        return False
    try:
        tree = ast.parse(answer.strip(), mode="eval")
    except SyntaxError:
        return task in EVALUATES  # `eval` fails on it too; sympy reads more than Python does
    except (ValueError, RecursionError, MemoryError):
        return False
    if task in EVALUATES:
        # A bare word such as `ABC` is an answer, and no name that `eval` finds does anything.
        return isinstance(tree.body, ast.Name) or _made_of(tree, _DATA)
    return _made_of(tree, _FORMULA) and _names_known(tree) and _powers_small(tree)


def _made_of(tree: ast.AST, allowed: tuple[type[ast.AST], ...]) -> bool:
    return all(isinstance(node, allowed) for node in ast.walk(tree))


def _names_known(tree: ast.AST) -> bool:
    """Only single letters, `pi` and elementary functions; only numbers as constants."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and len(node.id) > 1 and node.id not in _FUNCTIONS | {"pi"}:
            return False
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float):
            return False
        if isinstance(node, ast.Call) and not (
            isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS and not node.keywords
        ):
            return False
    return True


def _powers_small(tree: ast.AST) -> bool:
    """No exponent above MAX_EXPONENT, none with a power in it, few powers within powers."""
    waiting: list[tuple[ast.AST, int]] = [(tree, 0)]  # a stack: a long sum is a deep tree
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            depth += 1
            if depth > MAX_POWERS or not _exponent_small(node.right):
                return False
        waiting += [(child, depth) for child in ast.iter_child_nodes(node)]
    return True


def _exponent_small(exponent: ast.AST) -> bool:
    nodes = list(ast.walk(exponent))
    numbers = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return (
        not any(isinstance(node, ast.Pow) for node in nodes)
        and all(isinstance(number, (int, float)) and number <= MAX_EXPONENT for number in numbers)
        and sum(isinstance(node, ast.Mult) for node in nodes) <= 1
    )
