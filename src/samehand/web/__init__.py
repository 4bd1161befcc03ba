"""Review in a browser: the queue of leads, fleets, accounts, decisions."""
