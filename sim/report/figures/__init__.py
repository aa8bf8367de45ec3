"""One module per kind of picture; each function takes arrays or `Material` and returns a matplotlib Figure."""
