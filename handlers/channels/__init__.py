"""Channels: each understands what comes in and shows what is said."""
