"""How a service or a port is reached in another process: MessagePack-RPC over one multiplexed connection a peer.

Whoever serves hands `serve(Protocol, object)` to a `Server`; whoever calls gets an object of the same Protocol from
`remote(Protocol, peer)`. Both are made from the Protocol's annotations alone: a method that is added to a contract
crosses without another edit. An address is the path of a unix socket, or `host:port`, which needs certificates.

A port, of one process on the same machine (`Client` is a `Peer`):

    server = Server(serve(Commits, records), Network(), world, errors)
    client = Client("run/core.sock", Network(), world)
    records = remote(Commits, client, errors, translate=as_the_port_says_it)

A service, in one process or several, with every call sealed (`guard`), retried (`retry`) and broken off (`breaker`):

    guard = Guard(derive(master, "calls"))
    network = Network(Certificates(authority, certificate, key))
    server = Server(serve(Boards, boards), network, world, PROBLEM_ERRORS, guard=guard)
    peers = peers_at(["10.0.0.5:9001", "10.0.0.6:9001"], network, world, guard=guard)
    boards = remote(Boards, peers, PROBLEM_ERRORS, translate=unavailable)

`server.listen(address)`, `client.start()` and `peers.start()` begin; `close()` ends. Marks on the methods
(`base.calls`) say which calls may be made again, and which may be slow.
"""
