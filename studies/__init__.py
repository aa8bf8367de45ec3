"""Studies of single data sets: each writes a page of docs/ and is run from the project's folder.

They use the program and are no part of it: they are not in the wheel, since what they read or write (the original
data of ``../shared/data``, the pages of ``docs/``) does not come with an installed program.
"""
