"""What reviewers decide about fleets: kept whole, in order, for good."""
