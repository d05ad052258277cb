"""The joint plan of two nodes: questions, commitments, inequalities, and what became of them."""
