"""What fleets did, counted, and what that was worth, valued apart."""
