"""Answers known without simulating: closed forms and algorithms of the literature, in code of their own."""
