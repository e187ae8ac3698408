"""What every part of the house stands on: it knows nothing of the product."""
