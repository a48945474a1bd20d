"""Programs that want a module which the sandbox does not offer, and the setting that offers it."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from importlib.machinery import PathFinder

from reasoning_lab.judges.code.result import CodeResult

SETTING = "reward.terms.code.params.modules"
NAMED = 3  # modules named in a note
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

    def notes(self, offered: Sequence[str]) -> list[str]:
        """What to set for the modules that are installed here, and which are not installed.

        `offered` are those that programs may import already.
        """
        here: Counter[str] = Counter()
        nowhere: Counter[str] = Counter()
        for name, programs in self._programs.items():
            # The name is a program's word: it is looked for, and never imported.
            (here if PathFinder.find_spec(name) else nowhere)[name] = programs
        found = []
        if here:
            names = [name for name, _ in here.most_common(NAMED)]
            # In quotes, since some shells take brackets for a pattern of file names.
            setting = f"'{SETTING}=[{','.join([*offered, *names])}]'"
            what = f"{_programs(here)}, which the sandbox does not offer"
            found.append(f"{what}: {setting} (of reward=code) does")
        if nowhere:
            found.append(f"{_programs(nowhere)}, which is not installed here")
        return found


def _programs(wanted: Counter[str]) -> str:
    count = wanted.total()
    named = ", ".join(f"{name} ({programs:,})" for name, programs in wanted.most_common(NAMED))
    more = f" and {len(wanted) - NAMED:,} more" if len(wanted) > NAMED else ""
    said = named if len(wanted) > 1 else next(iter(wanted))
    return f"{count:,} program{'' if count == 1 else 's'} failed for want of {said}{more}"
