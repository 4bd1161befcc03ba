"""From co-actions of pairs to clusters: projection, nulls, backbone, groups."""
