"""Links: every web address known once, on the shard of its hash, with what its page says of itself.

Promises: two spellings of one address are one link; nothing that is answered, and nothing in how long the answer takes,
tells whether somebody else keeps an address privately. Without the network hand addresses are still put, and asking
for details fails in a way that says to try again. It calls no other service; while it does not answer, links cannot be
saved, and everything else can.
"""
