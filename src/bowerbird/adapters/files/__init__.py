"""Blobs as files in a directory, and the endpoint that takes uploads for them and serves them by signed address."""
