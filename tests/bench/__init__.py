"""The benchmarks: what a step, a photo, a start and a conversation cost, beside what others would take for it."""
