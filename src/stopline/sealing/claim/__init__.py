"""Could it have crossed? A claim tested against a plan, and its own checker."""
