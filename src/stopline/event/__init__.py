"""The security plan of a mass event: camera ring, barriers, forces, readiness atlas."""
