"""The use cases: the only place that joins the rooms of the domain."""
