"""The text index on tantivy: an index on disk for the shared part, and one for what has readers of its own."""
