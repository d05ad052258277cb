"""The road network, and what a vehicle can drive on it."""
