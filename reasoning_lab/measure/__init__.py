"""Held-out measurement."""
