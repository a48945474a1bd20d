"""The package's source as data: modules, their imports, their functions."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "reasoning_lab"


def tracked(pattern: str) -> list[Path]:
    """The files that git knows whose names match, in any folder; scratch files are none of them.

    In a tree without git (an unpacked archive) all that match.
    """
    asked = ["git", "ls-files", "--cached", "-z", "--", pattern]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        return sorted(path for path in ROOT.rglob(pattern) if ".venv" not in path.parts)
    places = (ROOT / name for name in found.stdout.split("\0") if name)
    return sorted(path for path in places if path.is_file())


@dataclass(frozen=True)
class Module:
    """One file of the package; `name` is dotted, without the leading `reasoning_lab.`."""

    name: str
    path: Path

    @property
    def layer(self) -> str:
        """The first part of the name: `schema`, `data`, `worker`, …"""
        return self.name.split(".")[0]

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node

    def imports(self, nodes: Iterator[ast.AST] | None = None) -> set[str]:
        """Modules of this package that the file imports, wherever in it (or among `nodes`)."""
        found: set[str] = set()
        for node in nodes or ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {_meant(node.module, alias.name) for alias in node.names}
        return {name for name in map(_inside, found) if name in MODULES}

    def imports_at_load(self) -> set[str]:
        """The imports that run when the file itself is imported."""
        return self.imports(_outside_functions(self.tree))


def _meant(module: str, name: str) -> str:
    """`from a.b import c` means the module a.b.c when there is one, else something in a.b."""
    return f"{module}.{name}" if _inside(f"{module}.{name}") in MODULES else module


def _inside(dotted: str) -> str:
    package, _, rest = dotted.partition(".")
    return rest if package == PACKAGE.name else f"outside: {dotted}"


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if typing_only or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        yield child
        yield from _outside_functions(child)


def _name(path: Path) -> str:
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


MODULES = {
    name: Module(name, path) for path in sorted(PACKAGE.rglob("*.py")) if (name := _name(path))
}
