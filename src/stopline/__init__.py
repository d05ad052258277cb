"""Stopline: where a fleeing vehicle can be, which roads to seal, and the proof that none is open."""

__version__ = "0.1.0"
