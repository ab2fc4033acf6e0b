"""The cookie by which a browser is logged in."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold.accounts import sessions
from linkhold.doors import current, identify


def start_session(session: Session, account_id: int) -> str:
    """Log this browser in to an account; returns its cookie."""
    user_agent = request.headers.get("User-Agent", "")
    return sessions.start(
        session, account_id, user_agent=user_agent, address=request.remote_addr or "unknown"
    )


def with_session(answer: BaseResponse, cookie: str) -> BaseResponse:
    """Give an answer the cookie of a session."""
    answer.set_cookie(
        identify.COOKIE,
        cookie,
        max_age=current.runtime().settings.session_days * 86400,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return answer


def without_session(answer: BaseResponse) -> BaseResponse:
    """Take the cookie of a session away."""
    answer.delete_cookie(identify.COOKIE)
    return answer
