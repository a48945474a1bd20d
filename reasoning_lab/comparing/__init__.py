"""The parts of a comparison: what is read, which problems and ways match, and the figures."""
