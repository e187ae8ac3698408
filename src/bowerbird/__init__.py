"""Bowerbird: people keep boards of links and photos, follow each other, and see a feed of what they save."""
