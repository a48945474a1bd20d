"""Rules that no single field can keep; each enters the table by itself."""
