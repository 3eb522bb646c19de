"""Words: sentences by name, catalogs, and the checks on them."""
