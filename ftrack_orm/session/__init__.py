"""The session: it conducts, and owns nothing else."""
