"""What runs leave behind, one kind of record a file, its writer beside its reader."""
