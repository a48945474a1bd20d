"""What a run leaves on disk, and how its process lives and ends."""
