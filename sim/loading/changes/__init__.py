"""Edits of the service (`service.changes`), made once while a scenario is loaded; nothing after it knows of them."""
