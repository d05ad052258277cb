"""Units of the agencies: where they are, when they are ready, what they may hold."""
