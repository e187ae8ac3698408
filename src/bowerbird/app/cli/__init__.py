"""The command line: `bowerbird` and its commands, one file each.

Exit codes: 0 done; 1 it could not be done, and a sentence says why; 2 the words of the command are off.
"""

from bowerbird.app.cli.root import group, main

__all__ = ["group", "main"]
