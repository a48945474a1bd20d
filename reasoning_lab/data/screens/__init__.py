"""Screens: what makes a worked answer unfit to learn from, one reason a file."""
