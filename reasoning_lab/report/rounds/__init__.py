"""Rounds of self-improvement: what each one gained, as a table and a CSV."""
