"""Feed: in what order the pins of those a person follows stand before that person.

Owns the timelines, a projection that the log can build again: "home" feeds pushed to their readers, "posts" on public
boards by author, "board" by board, and "pulled", the authors with too many followers to push for. A timeline holds at
least what its reader may see; what the reader may not see any more is decided by the records at every read, and purged
here later.

A home feed is kept for whoever was here lately: nothing is written to the others', whose pages are pulled. Their first
page when they come back is right at once, and their feed is filled again behind it.

Very much that one person saves to one board at once is one entry (`bursts`): "burst" lists hold all pins by board,
author and hour, and in all other timelines one entry stands for those of a burst that is too large.

Handlers run side by side, and each acts on what it read a moment ago. Three rules make that come out right:
- Who adds writes its own side first and reads the other side afterwards (a new pin: posts, then followers; a new
  follow: the followers' map, then posts), so that of two at least one sees the other. Too much is harmless.
- Who takes out looks again afterwards, and puts back what belongs there by now. Too little would be a gap.
- Who puts what a list holds looks at the list again afterwards: what went from there into a burst's entry goes too.

While the graph or the boards do not answer, pages come from what was pushed; handlers wait and go on.
"""
