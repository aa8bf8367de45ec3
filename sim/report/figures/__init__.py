"""One module per kind of picture; each function takes arrays or `ReportData` and returns a matplotlib Figure."""
