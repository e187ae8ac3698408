"""Engines behind the ports: one folder an engine or driver, none of which sees another."""
