"""What runs a node: its start, its scheduler, its line, and the cosigning of checkpoints."""
