"""HTTP as every resource shares it: routing, problems, cursors, ETags, cookies; it knows no resource.

Positions: a write's position is an engine's matter, and the contracts hand none to the edge yet. One machine needs
none, since a read there sees whatever was committed before it began. Where replicas lag behind, `Router` is the place
to carry an opaque token both ways: out of a write's reply into a header and a cookie, and from either into `Caller`.
"""
