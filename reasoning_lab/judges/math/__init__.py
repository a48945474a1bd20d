"""When is an answer right? Finding it, comparing it, the verdict; `verify.py` is the way in."""
