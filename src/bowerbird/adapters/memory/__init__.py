"""Every port that solo keeps in the memory of one process: counters and leases, served to the others by a call."""
