"""The parts of a replay: its figures, its files, and what makes it doubtful."""
