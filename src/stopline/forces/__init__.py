"""Sides, agencies and units: who can hold a site, and from when."""
