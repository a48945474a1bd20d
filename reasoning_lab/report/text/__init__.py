"""Words, numbers and foreign text, made fit to be shown."""
