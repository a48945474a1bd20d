"""Several runs by one command: steps in their order, rounds of them, skipped by hash."""
