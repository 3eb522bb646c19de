"""The catalogs: one folder a language, gettext PO files."""
