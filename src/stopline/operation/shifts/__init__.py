"""Shifts: handed over with what is open and what changed, taken over by name."""
