"""The parts of scoring saved completions: windows of lines, judging, counting."""
