"""A sweep's jobs and its table."""
