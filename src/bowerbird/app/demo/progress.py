"""How far a run of the demo is: what it does now, how many pictures are in, and what is to be told at the end."""


class Progress:
    """Written by whoever fills, read by whoever shows it."""

    def __init__(self) -> None:
        self.stage = "looking at what is there"
        self.done = 0
        self.total = 0
        self.fetching: list[str] = []
        """Sources on their way at the moment."""
        self.notes: list[str] = []
        self.made: dict[str, int] = {}

    def tell(self, sentence: str) -> None:
        """Keep a sentence for the end."""
        self.notes.append(sentence)

    def count(self, kind: str) -> None:
        """Count one more thing that was made."""
        self.made[kind] = self.made.get(kind, 0) + 1
