"""An independent check of plans: shares nothing with the planner but the network."""
