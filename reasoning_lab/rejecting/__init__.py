"""Rejection sampling: what is verified, what is kept of it, and why the rest is not."""
