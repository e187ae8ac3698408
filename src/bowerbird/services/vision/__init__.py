"""Vision: what pictures look like: pins like a picture, what it shows, and whether one has it already.

Owns the rows of what was seen in pins' pictures, and the vectors of these pictures, a projection. What everybody may
see is found by everybody, what is private only by asking for the board that it is on, and those who may see that board
ask for it; so no answer depends on what its reader may not see. It only proposes: whether the caller may see a pin now
is decided by the records at every read.

Events only say where to look. A picture is looked at once, behind the answer that saved it; after each change the
present truth is read, written, and read again, which is why order and repetition do not matter. What one model made
lies in a space of its own. When the model is another, a sweep looks at all pictures again, beside what comes in, and
the old space answers until that is done.

While there is no model, or its hand is busy, handlers wait, and what needs a look is Unavailable; nothing else is. A
picture that no model can read is passed over for good. While boards or media do not answer, handlers wait too.
"""
