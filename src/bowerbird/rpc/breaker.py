"""When to let a peer alone: the state of a breaker, as outcomes and the clock change it.

Closed: calls go through, and their outcomes are counted. Open: none goes through until a pause is over. Then one goes,
as the probe: if it goes well the breaker closes, or else it stays open for a longer pause.
"""

from typing import Final, Literal

IN_A_ROW: Final = 5
"""So many failures with nothing good between them open it."""
OF_MANY: Final = 10
WINDOW_S: Final = 0.5
"""So do failures that are half of at least so many outcomes, in a window of this length and the one before."""
PAUSE_FIRST_S: Final = 0.5
PAUSE_MAX_S: Final = 1.0

Leave = Literal["through", "probe", "refused"]


class Breaker:
    """Of one peer. All times are `World.monotonic_s`."""

    def __init__(self) -> None:
        self.is_open = False
        self.openings = 0
        self._is_probing = False
        self._pause_s = PAUSE_FIRST_S
        self._opened_s = 0.0
        self._in_a_row = 0
        self._tally = _Tally()

    def rests(self, now_s: float) -> bool:
        """Return whether a call would be refused now."""
        return self.is_open and (self._is_probing or now_s < self._opened_s + self._pause_s)

    def ask(self, now_s: float) -> Leave:
        """Ask leave for a call; whoever gets "probe" tells how that went, or that it was given up."""
        if not self.is_open:
            return "through"
        if self.rests(now_s):
            return "refused"
        self._is_probing = True
        return "probe"

    def went_well(self, leave: Leave, now_s: float) -> None:
        """Count an answer in time."""
        if leave == "probe":
            self.is_open = self._is_probing = False
            self._pause_s = PAUSE_FIRST_S
            self._in_a_row = 0
            self._tally = _Tally()
        elif not self.is_open:
            self._in_a_row = 0
            self._tally.count(now_s, good=1)

    def failed(self, leave: Leave, now_s: float) -> None:
        """Count a failure; what began before it opened changes nothing any more."""
        if leave == "probe":
            self._pause_s = min(PAUSE_MAX_S, self._pause_s * 2)
            self._open(now_s)
        elif not self.is_open:
            self._in_a_row += 1
            self._tally.count(now_s, bad=1)
            if self._in_a_row >= IN_A_ROW or self._tally.is_half_bad:
                self._open(now_s)

    def given_up(self, leave: Leave) -> None:
        """Note that a call's outcome will never be known; another may be the probe."""
        if leave == "probe":
            self._is_probing = False

    def _open(self, now_s: float) -> None:
        self.openings += not self.is_open
        self.is_open = True
        self._is_probing = False
        self._opened_s = now_s


class _Tally:
    """Outcomes of the present window and the one before."""

    def __init__(self) -> None:
        self._began_s = 0.0
        self._good = self._bad = self._good_before = self._bad_before = 0

    @property
    def is_half_bad(self) -> bool:
        bad, good = self._bad + self._bad_before, self._good + self._good_before
        return bad + good >= OF_MANY and bad >= good

    def count(self, now_s: float, good: int = 0, bad: int = 0) -> None:
        passed_s = now_s - self._began_s
        if passed_s >= WINDOW_S:
            is_next = passed_s < 2 * WINDOW_S
            self._good_before, self._bad_before = (self._good, self._bad) if is_next else (0, 0)
            self._good = self._bad = 0
            self._began_s = now_s
        self._good += good
        self._bad += bad
