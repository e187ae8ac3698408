"""Search: what was written on pins, boards and by people, and is seen in pictures, found by its words.

Owns the text index and counts of what is asked, projections that the log can build again. What everybody may see stands
in the index's shared part, what is private only in that of its readers, so that no answer to anybody depends on what
they may not see. The index only proposes: whether the caller may see a thing now is decided by the records at every
read.

An event only says where to look. Ids gather, and when the group commits what it is done with, the present truth about
all of them is read from its owners and written at once: that is why order and repetition do not matter, and why a
burst of changes to one thing is one change here.

What people search for is counted by how many they are (`asked.py`), and suggested to others from a number on that hides
each of them. Of who asked what nothing can be read, and with an account goes what was asked with it.

While boards or people do not answer nothing is written, and searches find what they found. While vision does not, pins
are written without what is seen in their pictures, and again when it does. Without the index there is no search, and
everything else goes on.
"""
