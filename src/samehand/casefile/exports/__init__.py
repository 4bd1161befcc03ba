"""A run, or some of its fleets, in the forms that others take: tables, graphs, STIX, statements of reasons, counts."""
