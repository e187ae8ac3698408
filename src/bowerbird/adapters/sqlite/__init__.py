"""Every port that solo serves from SQLite: records, keys, log, timelines and graph, each on files of its own."""
