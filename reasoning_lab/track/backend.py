"""What a tracker does; this base does nothing."""

from collections.abc import Mapping


class Backend:
    """One open run in a tracker; itself, that of a run without one."""

    def log(self, metrics: Mapping[str, float], step: int) -> None:
        """Record metrics of training step `step`."""

    def summary(self, values: Mapping[str, float]) -> None:
        """Record the run's final values."""

    def finish(self, failed: bool) -> None:
        """Close the run and write out everything."""

    def paths(self) -> dict[str, str]:
        """Files within the run folder, by a short name, as paths relative to it."""
        return {}

    def notes(self) -> list[str]:
        """Lines for the user: where to look, and how to publish."""
        return []
