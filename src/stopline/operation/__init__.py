"""The use cases: the only place that joins networks, forces, plans and outside formats."""
