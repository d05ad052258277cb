"""Stopline: where a fleeing vehicle can be, which roads to seal, and the proof of it."""

__version__ = "0.1.0"
