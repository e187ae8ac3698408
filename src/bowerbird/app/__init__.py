"""Where the house is put together: settings, the index of services, the wiring, the processes and the command line."""
