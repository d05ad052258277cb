"""Attacks by clients of their own, built from the documents alone."""
