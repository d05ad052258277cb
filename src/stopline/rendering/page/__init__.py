"""Pages that are handed to people: the same page as HTML and as PDF."""
