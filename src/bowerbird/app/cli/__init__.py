"""The command line: `bowerbird` and its commands, one file each.

Exit codes: 0 done; 1 it could not be done, and a sentence says why; 2 the words of the command are off.
"""

from bowerbird.app.cli.backup import backup
from bowerbird.app.cli.check import check
from bowerbird.app.cli.config import config
from bowerbird.app.cli.demo import demo
from bowerbird.app.cli.embed import embed
from bowerbird.app.cli.index import index
from bowerbird.app.cli.log import log
from bowerbird.app.cli.rebuild import rebuild
from bowerbird.app.cli.restore import restore
from bowerbird.app.cli.root import group, main
from bowerbird.app.cli.serve import serve
from bowerbird.app.cli.status import status
from bowerbird.app.cli.user import user

__all__ = ["group", "main"]

for command in (serve, user, log, status, demo, config, backup, restore, check, rebuild, index, embed):
    group.add_command(command)
