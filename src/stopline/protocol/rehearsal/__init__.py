"""A protocol rehearsed with the clock: people, deadlines and the line, simulated."""
