"""A believable platform's log with known answers. It writes rows of a log and nothing else."""
