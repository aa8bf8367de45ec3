"""Holding rules that scenario files can name, one module each; see `sim.model.holding`."""
