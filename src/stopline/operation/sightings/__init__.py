"""Sightings of the vehicle: noted, confirmed, retracted, shared with the other side, taken in."""
