"""Services: each meets one contract, knows the others by contract alone, and the engines by port, in its store."""
