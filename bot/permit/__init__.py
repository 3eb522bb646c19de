"""The permit: its reference and what it records."""
