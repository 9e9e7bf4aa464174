"""Rejoinder: a language server that holds conversations."""

__version__ = "0.1.0"
