"""Scoring windows of saved lines: what can be scored, what cannot and why, and how long it took."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reasoning_lab.data.saved import Broken, Line
from reasoning_lab.errors import DataError
from reasoning_lab.rewards import code
from reasoning_lab.rewards.compose import Composer, SaidOfRow
from reasoning_lab.rewards.trl import text_of
from reasoning_lab.schema.stages.score import Score as Settings
from reasoning_lab.scoring.windows import Group, Window
from reasoning_lab.text.example import Completion, Example, Score, Verdict

ADDED = ("verdict", "reason", "parts", "total", "ms")
"""Fields of a scored line that are the lab's own."""

FOR_TESTS = "use reward=code"
"""The cure of a line whose tests no term of the reward runs."""

Row = tuple[Completion, Example]


@dataclass(slots=True)
class Scored:
    """A line, what it is worth, and the milliseconds it took."""

    line: Line
    score: Score
    ms: float


@dataclass(slots=True)
class Asked:
    """A line, the row that it is, and what the terms say of it that judge many rows at once."""

    line: Line
    row: Row
    ahead: SaidOfRow


class NoTokensError(DataError):
    """A term asked for the length of a completion whose line does not say it."""


class Uncounted(Completion):
    """A completion of unknown length: whoever asks for its tokens gets an error, not a guess."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "finish", "stop")

    @property
    def tokens(self) -> int:
        """Raises NoTokensError."""
        raise NoTokensError.one("stage.columns.tokens", "no count of tokens")


@dataclass
class Judged:
    """A window scored: its groups in their order, and all broken lines in theirs."""

    groups: list[list[Scored]] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)


class Judging:
    """Scores one window after the other with one reward."""

    def __init__(self, composer: Composer, settings: Settings) -> None:
        self.composer = composer
        self.settings = settings
        self._replaced: Counter[str] = Counter()
        self._cut = 0
        self._runs_programs = bool(code.rooms(composer.reward))
        self._pays = any(term.setting.weight for term in composer.terms)

    def window(self, window: Window) -> Judged:
        """Score a window. Raises RewardError if a term breaks its contract."""
        judged = Judged(broken=list(window.broken))
        groups = [self._testable(group, judged.broken) for group in window.groups]
        self._cut += window.continues and bool(self.composer.group_terms)
        for lines in self._asked(groups, judged.broken):
            good = [
                one
                for one in self._group(lines, judged.broken)
                if self._sound(one.line, one.score, judged.broken)
            ]
            for one in good:
                self._replaced.update(one.line.fields.keys() & set(ADDED))
            if good:
                judged.groups.append(good)
        judged.broken.sort(key=lambda one: one.number)
        return judged

    def notes(self) -> list[str]:
        """What a reader of the results should know."""
        found = [
            f"{_counted(count, 'line')} had a field `{name}` already: it was replaced by the lab's"
            for name, count in sorted(self._replaced.items())
        ]
        if self._cut:
            were = "was" if self._cut == 1 else "were"
            said = f"{_counted(self._cut, 'group')} {were} judged in pieces"
            found.append(f"{said}: more lines than fit at once")
        return found

    def _testable(self, lines: Group, broken: list[Broken]) -> Group:
        """The lines without those whose tests no program could pass, or every one would."""
        if not self._runs_programs:
            return lines
        found = []
        for line in lines:
            try:
                for term in self.composer.terms:
                    if line.example.tests and term.row_check and term.judges(line.example):
                        term.row_check(line.example)
            except DataError as error:
                broken.append(Broken(line.number, _first(error)))
            else:
                found.append(line)
        return found

    def _row(self, line: Line) -> Row:
        text, prefix = text_of(line.written), self.settings.prefix
        if not text.lstrip().startswith(prefix):
            text = prefix + text
        example = line.example
        if self.settings.answer_marks:
            example = replace(example, meta={"answer_marks": self.settings.answer_marks})
        if line.tokens is None:
            return Uncounted(text), example
        return Completion(text, line.tokens), example

    def _asked(self, groups: list[Group], broken: list[Broken]) -> list[list[Asked]]:
        """The groups, with what the terms say of them that judge the whole window at once."""
        rows = [self._row(line) for group in groups for line in group]
        try:
            said = iter(zip(rows, self.composer.ahead(rows), strict=True))
        except NoTokensError:
            self._uncounted([line for group in groups for line in group], broken)
            counted = [[one for one in group if one.tokens is not None] for group in groups]
            return self._asked(counted, broken)
        return [[Asked(line, *next(said)) for line in group] for group in groups if group]

    def _group(self, lines: list[Asked], broken: list[Broken]) -> Iterator[Scored]:
        """The scores of a group: together where a term compares them, else line by line."""
        terms = self.composer.group_terms
        if not terms:
            for one in lines:
                yield from self._together([one], broken)
        elif lines[0].line.example.prompt:
            yield from self._together(lines, broken)
        else:
            why = f"no field `{self.settings.columns.prompt}`, by which {_terms(terms)} finds"
            broken += [Broken(one.line.number, f"{why} its group") for one in lines]

    def _together(self, lines: list[Asked], broken: list[Broken]) -> Iterator[Scored]:
        begun = time.perf_counter()
        first = lines[0].row[1]
        same = [(one.row[0], first) for one in lines]
        try:
            scores = self.composer.score_batch(same, [0] * len(same), [one.ahead for one in lines])
        except NoTokensError:
            self._uncounted([one.line for one in lines], broken)
            if counted := [one for one in lines if one.line.tokens is not None]:
                yield from self._together(counted, broken)
            return
        seconds = (time.perf_counter() - begun) / len(lines)
        for one, score in zip(lines, scores, strict=True):
            yield Scored(one.line, score, 1e3 * (seconds + score.seconds))

    def _uncounted(self, lines: Group, broken: list[Broken]) -> None:
        """Lines whose tokens are not known are broken."""
        name = self.settings.columns.tokens
        why = f"no field `{name}`, and the reward counts tokens (score.columns.tokens=FIELD)"
        broken += [Broken(line.number, why) for line in lines if line.tokens is None]

    def _sound(self, line: Line, score: Score, broken: list[Broken]) -> bool:
        """Whether the line could be judged; if not it is broken."""
        if score.verdict is Verdict.BAD_GOLD:
            broken.append(Broken(line.number, f"bad gold: {score.reason}"))
            return False
        applies = score.total is not None or (
            not self._pays and any(value is not None for value in score.parts.values())
        )
        if not applies:
            broken.append(Broken(line.number, self._why_not(line.example)))
        return applies

    def _why_not(self, example: Example) -> str:
        """Why no term of the reward scores a line: what is wrong with it, or what it lacks."""
        if example.tests and not self._runs_programs:
            tests = f"the field `{self.settings.columns.tests}`"
            return f"no term of the reward runs programs, which {tests} is for ({FOR_TESTS})"
        why = f"no term of the reward scores a line of task {example.task!r}"
        for term in self.composer.terms:
            if term.setting.weight and term.row_check and term.judges(example):
                try:
                    said = term.row_check(example) or "gave no value, though the line is sound"
                except DataError as error:
                    return _first(error)
                why += f"; {term.name}: {said}"
        return why


def _first(error: DataError) -> str:
    first = error.problems[0]
    return f"{first.what} ({first.cure})" if first.cure else first.what


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _terms(names: list[str]) -> str:
    return " and ".join(f"reward.terms.{name}" for name in names)
