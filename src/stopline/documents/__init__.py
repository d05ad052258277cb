"""Reading outside documents: bounded YAML and CSV, canonical JSON, faults, whole outputs."""
