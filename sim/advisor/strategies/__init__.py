"""The built-in strategies, one module each. A module of this folder with a function `declared` adds its own."""
