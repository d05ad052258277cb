"""Gaps and contradictions of a protocol document, found before the day it is needed."""
