"""Letting a model write: one stream of completions, whatever engine makes them."""
