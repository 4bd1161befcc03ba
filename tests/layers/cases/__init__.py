"""What each layer must catch, and what it must let go: one file a layer, named after it.

A file holds ``FLEETS`` and ``CROWDS``, tuples with at least one ``Case`` each. The checks of ``test_layers.py`` run
over every layer in ``LAYERS``: a new layer without a file here fails them.
"""
