"""The port Walks on arrays in files: adjacency lists in compressed sparse rows, memory-mapped, with what came since.

A snapshot is one file that nobody changes (`snapshot`); what came since stands in files beside it that only grow
(`frames`). One small file says which of them are the graph (`folder`). The writer (`writes`) only appends, and lets a
process of its own (`hand`, `compaction`) make the next snapshot, pruned (`pruning`). Every reader (`walks`, `tail`)
lays the changes over the snapshot for itself (`graph`, `side`, `index`, `changes`) and walks there (`walking`,
`ranking`). numpy is imported by those of the second sort alone, and by nobody before the first walk.
"""
