"""Vectors on usearch and files: rows that are only ever added to, a journal of what they mean, and graphs made behind.

A space is a folder:

    manifest          which journal holds, how much of it is on the disk for sure, and the graphs; replaced whole
    journal-N         64 bytes for each picture put, moved or removed; a reader looks how long it is, and reads the rest
    rows-F            vectors, a byte a dimension; a file holds those of public pictures, or of private ones
    graph-F-N         usearch's graph of the first N rows of a public file; never changed, mapped by every process

Rows behind a graph's last are the delta: they are scanned, one by one, until a thread has made a graph that holds them
too. A private picture's rows are in no graph at all, and only those of the partitions asked for are ever looked at.
"""
