"""Files into records: YAML and CSV are read, checked and resolved here, and nowhere else."""
