"""The usual way between processes: gRPC's own asyncio server and client, protobuf's upb, uvloop, a unix socket.

As its manual says: one channel for all calls, generated messages and stubs (made at import from pages.proto), no
interceptors. `python -m bench.peers.grpc_pages SOCKET` serves.
"""

import sys
import time
from typing import Any, Final

import grpc
import uvloop

from bench.micro_rpc import Served

_generated: Final[Any] = grpc.protos_and_services("bench/peers/pages.proto")
MESSAGES: Final[Any] = _generated[0]
SERVICES: Final[Any] = _generated[1]


class Pages:
    """Answers at once; the messages are made anew from what it has, as ours are encoded anew."""

    def __init__(self) -> None:
        self._items = Served().items

    async def Page(self, request: Any, _context: object) -> Any:  # noqa: ANN401, N802 - generated; gRPC's own name
        """Return always the same."""
        assert request.ids
        assert request.note
        items = [
            MESSAGES.Item(id=one.id, title=one.title, note=one.note, width=one.width, height=one.height, at=one.at)
            for one in self._items
        ]
        return MESSAGES.PageReply(items=items)

    async def Cpu(self, _request: object, _context: object) -> Any:  # noqa: ANN401, N802 - as above
        """Return all threads' time."""
        return MESSAGES.CpuReply(ns=time.process_time_ns())


async def serve(address: str) -> None:
    """Answer until killed."""
    server = grpc.aio.server()
    SERVICES.add_PagesServicer_to_server(Pages(), server)
    server.add_insecure_port(f"unix:{address}")
    await server.start()
    await server.wait_for_termination()


class Client:
    """A channel and its stub."""

    def __init__(self, address: str) -> None:
        self._channel = grpc.aio.insecure_channel(f"unix:{address}")
        self._stub = SERVICES.PagesStub(self._channel)

    async def page(self, ids: list[bytes], note: str) -> int:
        """Ask for the page, and return how many items came."""
        return len((await self._stub.Page(MESSAGES.PageRequest(ids=ids, note=note))).items)

    async def cpu_ns(self) -> int:
        """Return the CPU that the server has used."""
        return (await self._stub.Cpu(MESSAGES.CpuRequest(), wait_for_ready=True)).ns

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
