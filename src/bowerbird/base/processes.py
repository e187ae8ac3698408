"""Child processes: the only door to starting one, so that a simulation can stand in its place."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence


class Processes:
    """The real one. Whoever starts processes is handed an instance."""

    async def start_piped(self, argv: Sequence[str], env: Mapping[str, str], cwd: str) -> Process:
        """Start a program whose input and output are pipes to the caller; OSError when it cannot be started.

        It has a session of its own, so that a terminal's signals pass it by, no other open file, no shell, no
        environment but `env`, and its errors go nowhere.
        """
        return await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=dict(env), cwd=cwd, start_new_session=True
        )

    async def start_service(self, argv: Sequence[str], env: Mapping[str, str], inherits: Sequence[int]) -> Process:
        """Start a program of one's own that shares standard output and error, and holds the descriptors `inherits`.

        It has a session of its own, so that a terminal's signals reach it through whoever started it.
        """
        return await asyncio.create_subprocess_exec(
            *argv, stdin=DEVNULL, env=dict(env), pass_fds=tuple(inherits), start_new_session=True
        )
