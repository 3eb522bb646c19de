"""Baselines: the same kind of form as small programs, each as a competent user would write it with that tool."""
