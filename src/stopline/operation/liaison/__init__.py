"""Liaison: what the sides asked and answered, calls, reminders and the list of open matters."""
