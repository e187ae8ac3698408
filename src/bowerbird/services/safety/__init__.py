"""Safety: owns how often anybody may do anything, counted over all workers.

It promises that a budget holds across workers: exactly for rare and dangerous acts (signing in, registering), and to
one share a worker, a twentieth of the limit, for reading and writing, which are counted without a call to the engine.

When the counters are away, reading and writing go on uncounted, since people come first there; every other budget is
refused with Unavailable, since whoever guesses passwords must not gain by breaking an engine. Where safety is a process
of its own and does not answer, the edge does the same without it.
"""
