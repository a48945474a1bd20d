"""Is an answer right? The judges of mathematics and of programs, and the strict metric."""
