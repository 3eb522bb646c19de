"""The doors: channels, web pages, and the workers between them."""
