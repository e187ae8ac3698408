"""Graph: owns who follows whom and who has blocked whom.

Follow rows, on the follower's shard, are the truth; `following` is read from them, `followers` from a map that the
consumer builds from the follow events, seconds behind at most. A block is one row on either person's shard: the
blocker's is written first, with its event, and the other's directly after and once more by the consumer, so that a
crash between the two heals. Both sides end follows in the unit that writes the row, and a follow requires, in its own
unit, that no block stands: the two never pass each other.

What leaves with a deleted account is removed by a sweep, a bounded piece a call; lists leave deleted people out from
the moment of deletion. Without identity nobody can be followed or listed (Unavailable); `relations` needs nobody.
"""
