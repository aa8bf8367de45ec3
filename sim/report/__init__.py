"""Figures, terminal tables and the HTML report: from manifest, summary and tables only."""
