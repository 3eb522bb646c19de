"""The memory: rows in, values of the mind out."""
