"""The loops that keep the house running: they know shapes, not services; app hands them what to run."""
