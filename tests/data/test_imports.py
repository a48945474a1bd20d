"""Loading the layer costs nothing heavy: generators are imported when problems are made."""

import subprocess
import sys


def test_nothing_heavy_on_import() -> None:
    code = (
        "import sys, reasoning_lab.data, reasoning_lab.data.scoring, reasoning_lab.statistics\n"
        "import reasoning_lab.text.grammar, reasoning_lab.text.prompts\n"
        "heavy = {'torch', 'transformers', 'trl', 'datasets', 'sympy', 'scipy', 'numpy',\n"
        "         'reasoning_gym', 'huggingface_hub'}\n"
        "sys.exit(', '.join(sorted(heavy & sys.modules.keys())) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
