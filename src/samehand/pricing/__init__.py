"""What stays hidden in a log: fleets are planted into it in memory, and looked for. Start at ``price.py``."""
