"""The review of an incident: what happened, what was kept and missed, what would have been better."""
