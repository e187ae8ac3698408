"""Boards: what people keep, where, and who may see and change it.

Owns board, pin, share and invitation rows. A board's rows, its pins and shares stand on its owner's shard; invitations
are a projection of shares onto the shards of those they were given to, and authorise nothing.

Promises: what a caller may see is decided by rows read after the call began (the board, its owner, the caller's share,
blocks).
A board that is not there, trashed, private or blocked gives the same answer after the same reads. Every change is one
unit with its events, and a person's rights are part of the unit's conditions. What spans two shards (a pin moved, an
invitation) is done in steps of which one decides, and the consumer brings about the others should that stand alone.

When an account is deleted, its boards go into the trash as soon as the event arrives (about a second), and everything
is purged by bounded sweeps within minutes, what was under way at that time included; until then nobody sees them, or
does anything with them, because their owner is nobody.

Without `graph` or `identity` nothing can be read or written, since blocks and owners are not known (Unavailable).
Without `links` or `media` addresses or pictures cannot be saved, and the rest works.
"""
