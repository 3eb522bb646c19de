"""Pages: what people open in a browser."""
