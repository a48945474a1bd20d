"""Programs that want a module which the sandbox does not offer."""

import re
import sys
from collections import Counter
from importlib.machinery import PathFinder

from reasoning_lab.judges.code.result import CodeResult

MOST = 1000  # modules counted; a model may make up any name
_MISSING = re.compile(r"(?:^|\W)ModuleNotFoundError: No module named '(\w+)")


class Missing:
    """Counts programs by the module that they want and do not get."""

    def __init__(self) -> None:
        self._programs: Counter[str] = Counter()

    def add(self, result: CodeResult) -> None:
        """Count a program by the first module that a test of it failed for."""
        for outcome in result.outcomes:
            found = outcome.reason == "error" and _MISSING.search(outcome.detail)
            if found and found[1] not in sys.stdlib_module_names:
                if found[1] in self._programs or len(self._programs) < MOST:
                    self._programs[found[1]] += 1
                return

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Programs by module, most frequent first: of those installed here, and of the others."""
        here: dict[str, int] = {}
        nowhere: dict[str, int] = {}
        for name, programs in self._programs.most_common():
            # The name is a program's word: it is looked for, and never imported.
            (here if PathFinder.find_spec(name) else nowhere)[name] = programs
        return here, nowhere
