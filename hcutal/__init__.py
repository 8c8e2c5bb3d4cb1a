"""Finds actions in untrimmed recordings without labels (HC-UTAL)."""

__version__ = "0.1.0"
