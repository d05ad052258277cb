"""Exercises: a simulated vehicle, cameras, units and people that drive two real nodes."""
