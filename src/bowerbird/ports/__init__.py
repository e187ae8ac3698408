"""What services ask of engines: one file a port, each a Protocol with the promises that its test suite checks.

Only a service's `store.py`, adapters, `runtime.relay`, `runtime.consumers`, `runtime.leases` and app see these.
"""
