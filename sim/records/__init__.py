"""Tables of a run with declared columns, and the folder that holds them."""
