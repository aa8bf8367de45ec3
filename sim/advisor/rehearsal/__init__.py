"""Plans tried by simulating them before anybody gets them, on days that are drawn for that alone."""
