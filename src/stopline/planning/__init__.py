"""The use cases of one side without a node: plan, reach, track, claim, and the four choices."""
