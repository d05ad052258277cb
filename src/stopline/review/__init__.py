"""The review of an incident: what was kept and missed, and what would have been better."""
