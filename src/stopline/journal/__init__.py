"""The append-only record of one node: facts, their Merkle tree, checkpoints and proofs."""
