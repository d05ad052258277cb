"""People: who may sit at a node, in which roles, and how the node knows that it is they."""
