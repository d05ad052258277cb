"""The engine: simulated people and units that act at two nodes, injects, clock and outcome."""
