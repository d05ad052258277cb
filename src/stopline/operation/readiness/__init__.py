"""Readiness: the units of every service, what each is doing, where it is, who has not answered."""
