"""The words that everything else speaks: examples, completions, their grammar, prompts."""
