"""Fetching strangers' pages: `fetch.py` decides what to ask for, `hand.py` is the child that goes there.

One request to the hand is one HTTP exchange: a page, or a picture, or where it has moved to. So the asking side knows
each host before it is met, and bounds what goes there at once.
"""
