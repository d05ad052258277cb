"""The live driver: two serving nodes, spoken to over HTTP as their operators do."""
