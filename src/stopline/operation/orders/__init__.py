"""Orders: a plan becomes orders, each with a name and a true state; and the stand-down."""
