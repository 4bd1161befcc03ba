"""Pages of docs/ that are made from the code, one file a page."""
