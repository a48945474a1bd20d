"""Which term waits for which: terms that are told what others said."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from reasoning_lab.errors import Problem
from reasoning_lab.rewards.calling import Term
from reasoning_lab.schema.suggest import did_you_mean


def reading_problems(terms: Sequence[Term], names: Sequence[str]) -> list[Problem]:
    """Parameters that should name another term and do not, and terms that wait for each other.

    `names` are those of all terms, of which `terms` are the ones that could be resolved.
    """
    problems = []
    for term in terms:
        for param in term.reads:
            wanted = term.setting.params.get(param)
            if param not in term.setting.params:
                continue  # the signature's own problem, or a default of the function
            where = f"reward.terms.{term.name}.params.{param}"
            others = [name for name in names if name != term.name]
            if wanted == term.name:
                what = "a term cannot be told its own value"
                problems.append(Problem(where, what, did_you_mean("", others)))
            elif wanted not in others:
                what = f"names the term that it is told of, and there is no term {wanted!r}"
                cure = did_you_mean(str(wanted), others)
                problems.append(Problem(where, what, cure))
    if not problems:
        try:
            in_order(terms)
        except CycleError as error:
            circle = [str(name) for name in error.args[1][1:]]
            where = f"reward.terms.{circle[0]}.params"
            what = f"terms wait for each other's values: {' → '.join([*circle, circle[0]])}"
            problems.append(Problem(where, what, "let one of them read another term"))
    return problems


def needs(term: Term) -> set[str]:
    """The terms named by parameters of `term`, whose values it waits for."""
    named = {term.setting.params.get(param) for param in term.reads}
    return {name for name in named if isinstance(name, str)}


def in_order(terms: Sequence[Term]) -> list[Term]:
    """The terms, each after those that it is told of; plain ones first, else as they stand.

    Raises graphlib.CycleError if terms wait for each other.
    """
    plain = [term for term in terms if not term.told]
    told: Mapping[str, Term] = {term.name: term for term in terms if term.told}
    waiting = {name: sorted(needs(term) & told.keys()) for name, term in told.items()}
    return plain + [told[name] for name in TopologicalSorter(waiting).static_order()]


def visible(term: Term, terms: Sequence[Term]) -> list[str]:
    """Names of the terms whose values `term` is told: the plain ones, and those that it names."""
    return [other.name for other in terms if not other.told or other.name in needs(term)]
