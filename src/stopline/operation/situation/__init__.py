"""The situation report: one page for a head of state, always current, every issue kept."""
