"""The mind: the declaration, the dialogue, certificates, permits and words; same input, same output."""
