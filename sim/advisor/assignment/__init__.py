"""Windows for all users at once: by a linear program where it is small enough, else by Frank-Wolfe averages."""
