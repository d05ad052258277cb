"""The plan as a file: its schema, writing, reading and consistency."""
