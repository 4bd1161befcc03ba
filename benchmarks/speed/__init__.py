"""Speed: ratios in the same run, time and memory of whole runs, start-up."""
