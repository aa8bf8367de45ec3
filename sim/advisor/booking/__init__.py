"""Advice given to one person after the other, against the places that a plan made for all at once has left."""
