"""Insight: what was looked at. Owns the topic of views, which is lossy by contract and never in the outbox.

Views wait in a bounded queue and go to the log in batches, sealed with the viewer's key. While the log does not answer,
the batch at hand is lost and the others wait; what the queue cannot hold is dropped. Whatever is lost is counted. Where
insight is a process of its own nobody waits for it: without it pages are served, and their views are lost.
"""
