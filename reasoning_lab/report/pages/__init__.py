"""The pages that a run leaves: self-contained HTML."""
