"""The cookie by which a browser is logged in."""

from __future__ import annotations

from flask import request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from linkhold.accounts import sessions
from linkhold.doors import current, identify
from linkhold.doors.web.blueprint import bp


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
        # It is given anew once a day, and outlives the session that begins with the last visit of that day.
        max_age=(current.runtime().settings.session_days + 1) * 86400,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return answer


@bp.after_request
def renew(answer: BaseResponse) -> BaseResponse:
    """Give a browser its cookie anew on the first visit of a day, unless the answer has one already."""
    caller, cookie = current.found(), request.cookies.get(identify.COOKIE)
    said = any(each.startswith(f"{identify.COOKIE}=") for each in answer.headers.getlist("Set-Cookie"))
    if caller is None or not caller.is_first_today or cookie is None or said:
        return answer
    return with_session(answer, cookie)


def without_session(answer: BaseResponse) -> BaseResponse:
    """Take the cookie of a session away."""
    answer.delete_cookie(identify.COOKIE)
    return answer
