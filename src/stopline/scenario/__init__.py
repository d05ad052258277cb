"""A scenario file and its tables become a problem that can be planned."""
