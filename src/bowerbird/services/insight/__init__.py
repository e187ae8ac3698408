"""Insight: what was looked at. Owns the topic of views, which is lossy by contract and never in the outbox.

Views wait in a bounded queue and go to the log in batches, sealed with the viewer's key; while the log does not answer
the queue fills, and what it cannot hold is dropped and counted.
"""
