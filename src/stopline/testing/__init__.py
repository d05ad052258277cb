"""Public test doubles: networks small enough to check by hand, and random ones."""
