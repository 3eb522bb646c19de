"""The declaration: its questions, the kinds of answer, and the way through them."""
