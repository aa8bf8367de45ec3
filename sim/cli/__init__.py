"""The command line: parse, call, print, exit code; one file per command.

Modules here import heavy libraries inside functions only, so that help texts come at once.
"""
