"""What exists: network, service, demand, preferences, advice, scenario. No files, no clock, no chance."""
