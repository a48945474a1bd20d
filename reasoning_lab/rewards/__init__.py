"""Rewards: pure functions of (completion, example), how they are weighed, and one way to TRL."""
