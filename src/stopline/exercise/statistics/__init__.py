"""Statistics of exercises, at two depths: pursuits of one plan, and whole exercises."""
