"""A secret that was just made, for the browser that made it to show for a few minutes.

The answer to a form is a redirect, so that reloading it makes nothing a second time, and a phone can leave
the page and come back. Of a secret the database keeps the hash alone; so until then the browser itself
keeps it, in a cookie that scripts cannot read and that goes to one page. Whoever shows it looks it up
first: a cookie that somebody else put there shows nothing.
"""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, request
from werkzeug.wrappers import Response as BaseResponse

COOKIE = "linkhold_shown"
LASTS = timedelta(minutes=10)


def shown_at(path: str, secret: str) -> BaseResponse:
    """Lead to the page at `path`, which can show the secret from now on."""
    answer = redirect(path, code=303)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=LASTS,
        path=path,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return answer


def secret() -> str:
    """Return what this page may show, as far as the browser says the truth; blank when there is nothing."""
    return request.cookies.get(COOKIE, "")
