"""An answer that rests on another process's word has no ground: nobody here is told when that changes."""

from pathlib import Path

from bowerbird.base.ground import collecting
from bowerbird.base.world import World
from bowerbird.rpc.leased import Leases
from bowerbird.rpc.remote import remote
from bowerbird.rpc.server import serve
from tests.support.rpc_pair import NO_ERRORS, connected
from tests.support.rpc_work import Work, Worker


class Always:
    """What would support anything."""

    def holds(self) -> bool:
        return True


async def test_what_another_process_answered(tmp_path: Path) -> None:
    async with connected(tmp_path, serve(Work, Worker())) as pair:
        work = remote(Work, pair.client, NO_ERRORS)
        with collecting() as ground:
            ground.support("here", Always)
            assert ground.holds()
            assert await work.drop(b"abc") == 3
            ground.support("here too", Always)
        assert not ground.holds()


async def test_what_is_kept_of_another_process() -> None:
    leases = Leases(1000, 1000, World())
    leases.keep("key", "answer", leases.now_s())
    with collecting() as ground:
        ground.support("here", Always)
        assert leases.find("key")
    assert not ground.holds()
