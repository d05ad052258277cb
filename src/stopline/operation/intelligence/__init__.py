"""Intelligence reports: readable by the persons named in them, and by nobody else."""
