"""What layers say of candidates in made-up logs: weights are learned from some seeds, and tried on others."""
