"""Maps, tables and pages of plans, for people."""
