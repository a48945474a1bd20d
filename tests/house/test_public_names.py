"""`help(reasoning_lab)` tells what there is, each name with an example, without torch."""

import doctest
import pydoc
import re
import subprocess
import sys

import pytest

import reasoning_lab


@pytest.mark.parametrize("name", reasoning_lab.__all__)
def test_a_public_name_is_explained_by_itself(name: str) -> None:
    found = getattr(reasoning_lab, name)
    text = found.__doc__ or ""
    assert not re.findall(r"[\w/]+\.py\b|\bsee the module\b", text), "sends the reader to a file"
    assert doctest.DocTestParser().get_examples(text), "has no example"
    alone = {each: getattr(reasoning_lab, each) for each in reasoning_lab.__all__}
    runner = doctest.DocTestRunner()
    finder = doctest.DocTestFinder(recurse=False)
    for test in finder.find(found, name, module=False, globs=alone):
        runner.run(test)
    assert (runner.failures, runner.tries > 0) == (0, True)


def test_help_shows_them_all_and_loads_no_torch() -> None:
    shown = pydoc.plain(pydoc.render_doc(reasoning_lab))
    for name in reasoning_lab.__all__:
        assert re.search(rf"^    (?:class )?{name}\(", shown, re.M), name
    program = (
        "import pydoc, reasoning_lab, sys; pydoc.render_doc(reasoning_lab); print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"torch", "transformers", "trl"} & set(done.stdout.split())


def test_the_example_of_the_package_runs() -> None:
    alone = {each: getattr(reasoning_lab, each) for each in reasoning_lab.__all__}
    failed, tried = doctest.testmod(reasoning_lab, extraglobs=alone)
    assert (failed, tried > 0) == (0, True)
