"""Understanding the times of a log: their forms, their units, their zones."""
