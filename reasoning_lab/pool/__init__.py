"""A warm pool of killable processes for our own code on hostile input."""
