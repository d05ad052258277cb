"""Reads of existing plate readers: taken in, compared with the one plate, and dropped."""
