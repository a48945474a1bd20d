"""The frame of a training: arguments, callback, checkpoints, order of rows."""
