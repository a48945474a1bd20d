"""Models: where they come from, what they must hold to, adapters and sampling."""
