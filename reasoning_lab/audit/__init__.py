"""The attack on a reward: exploits, changed honest completions, and what each of them earns."""
