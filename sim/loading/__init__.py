"""Files to a validated scenario, or one error that lists every problem."""
