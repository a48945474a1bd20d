"""What people see of a run: the plan, the progress, the summary, the page, a sweep's table."""
