"""Linkhold keeps links: durably stored before the answer, found in milliseconds, never lost."""

__version__ = "0.1.0"
