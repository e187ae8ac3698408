"""Recommend: what people may like, and why: pins, people and boards.

Owns people's wishes, which are records, and two projections that the log can build again: the graph of what is saved
on which public boards (`walks`), and what each person saved and was shown (`tastes`). Both only propose: whether the
caller may see a thing now is decided by whoever shows it.

An event only says where to look, as in search: ids gather, and when the group commits, the present truth about them is
read from its owners and written at once, the graph first and then the saves, from which the next change is reckoned.
That is why order, repetition and a crash in between do not matter.

While boards, media or vision do not answer nothing is written, and what is known goes on being proposed. Without
vision nothing is proposed for its looks; without walks or tastes nothing is proposed, and wishes can still be made.
"""
