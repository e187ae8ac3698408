"""The page: its shell, answered at every address that the page knows, and its assets, read once from what npm built.

It knows no resource: the page asks the API for everything, on the same origin. Without its assets it says how to build
them; everything else goes on working.
"""
