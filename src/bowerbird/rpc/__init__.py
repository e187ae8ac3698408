"""How a service or a port is reached in another process: MessagePack-RPC over one multiplexed connection a peer.

Whoever serves hands `serve(Protocol, object)` to a `Server`; whoever calls gets an object of the same Protocol from
`remote(Protocol, client)`. Both are made from the Protocol's annotations alone.
"""
