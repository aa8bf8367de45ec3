"""The people who travel, when they want to arrive, and when they decide to leave."""
