"""What a run shows in the terminal: plan, progress, result, warnings, next steps."""
