"""Programs: run in the sandbox, judged outside of it."""
