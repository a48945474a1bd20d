"""reasoning_lab: train language models to reason, from a laptop CPU to a cluster.

Run `python -m reasoning_lab --help`. Importing this package never imports torch.
"""

__version__ = "0.1.0"
