"""Lists of trusted keys: one file per shape that such a list comes in."""
