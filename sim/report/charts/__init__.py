"""Charts as data, and two ways to draw them: SVG for a page, matplotlib for a notebook and for files."""
