"""REST under `/v1`: one file a resource, each list read as a pipeline of four named steps.

Skeleton (which things, in order), hydrate (one batch of each kind), rules (what this viewer may see now), present
(what leaves the house). A peer that is down is a 503 for the routes that need it, and for no others.
"""
