"""The planner's search: where cuts can run, which units hold them, and proofs that none can."""
