"""What the plan, the result and a sweep's table show of each verb."""
