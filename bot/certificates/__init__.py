"""Certificates: one file per format, trust, verdicts and whose they are."""
