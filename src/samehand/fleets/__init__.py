"""From clusters to suspected fleets: scores, surrogates, evidence, innocent explanations."""
