"""What a service's contract says of the way: a call that had no answer is a problem like any other."""

from typing import Final

from bowerbird.contracts.problems import PROBLEMS, Unavailable
from bowerbird.rpc.errors import DeadlinePassed, Errors, Overloaded, ReplyLost, RpcError, Unreachable

PROBLEM_ERRORS: Final = Errors(PROBLEMS)
"""The errors of every service's contract."""

_RETRY_AFTER_S: Final = 1
_NOT_BEGUN: Final = (Unreachable, Overloaded)
_UNKNOWN: Final = (ReplyLost, DeadlinePassed)


def unavailable(error: RpcError) -> Exception:
    """Return the problem; what is a fault of the program (a misfit, a failure over there) stays what it is."""
    if isinstance(error, _NOT_BEGUN):
        return Unavailable("A part of the house cannot answer now; nothing was changed.", retry_after_s=_RETRY_AFTER_S)
    if isinstance(error, _UNKNOWN):
        sentence = "A part of the house did not answer in time; what was asked may have been done."
        return Unavailable(sentence, retry_after_s=_RETRY_AFTER_S)
    return error
