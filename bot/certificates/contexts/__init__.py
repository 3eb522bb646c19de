"""JSON-LD contexts that signed documents name, kept here because none is ever fetched; see NOTICE."""
