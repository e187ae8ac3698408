"""Who asks: a JWT as FastAPI's manual has it, and the person's row, since who is no more is refused at once."""

import os
from typing import Annotated, Final

import jwt
from fastapi import Depends, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bench.peers.pins.database import Reading
from bench.peers.pins.models import User

ALGORITHM: Final = "HS256"
SECRET: Final = os.environ.get("PEER_SECRET", "")

_bearer = HTTPBearer()


def token_for(person: str, secret: str, expires_s: int) -> str:
    """Return what a person shows."""
    return jwt.encode({"sub": person, "exp": expires_s}, secret, algorithm=ALGORITHM)


async def _current_user(shown: Annotated[HTTPAuthorizationCredentials, Depends(_bearer)], session: Reading) -> User:
    refused = HTTPException(status.HTTP_401_UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})
    try:
        claims = jwt.decode(shown.credentials, SECRET, algorithms=[ALGORITHM])
    except jwt.InvalidTokenError:
        raise refused from None
    user = await session.get(User, claims["sub"])
    if user is None or user.deleted_at is not None:
        raise refused
    return user


CurrentUser = Annotated[User, Depends(_current_user)]
"""The person who asks."""
