"""Identity of fleets over time: which fleet of a later run goes on which of an earlier one."""
