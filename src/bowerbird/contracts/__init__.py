"""What services promise each other: one file a service (a Protocol, its Structs), and the events that all may read."""
