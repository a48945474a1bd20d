"""What a user should be told about a finished run, before trusting or repeating it.

Warnings say what may be wrong, remarks what went so well that it changes what to do next.
"""

from __future__ import annotations

from reasoning_lab.report.run.checks import Metrics, learned
from reasoning_lab.report.verbs import report_of
from reasoning_lab.runs.manifest import Manifest
from reasoning_lab.schema.run import Run
from reasoning_lab.schema.stages.training import Training


def warnings(run: Run, manifest: Manifest, metrics: Metrics) -> list[str]:
    """Sentences, the most serious first; empty where nothing stands out."""
    found = [check(run, manifest, metrics) for check in report_of(run).checks]
    return [sentence for sentence in found if sentence]


def remarks(run: Run, manifest: Manifest) -> list[str]:
    """Sentences about what went so well that repeating it would teach nothing more."""
    if not isinstance(run.stage, Training) or not learned(manifest):
        return []
    return ["this data is learned: nearly every answer is right, so more of it teaches little"]
