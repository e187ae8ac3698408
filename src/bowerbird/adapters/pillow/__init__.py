"""Pictures, by Pillow: `pictures.py` asks, `hand.py` is the child that decodes, everything else runs in that child."""
