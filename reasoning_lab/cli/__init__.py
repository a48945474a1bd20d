"""From a command line to a checked, pinned run, and to its worker."""
