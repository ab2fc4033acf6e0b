"""The application on a home screen: its manifest, its worker, and what other apps share with it."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from linkhold.doors import identify
from linkhold.doors.web import assets, keeping, speaking
from linkhold.doors.web.blueprint import bp
from linkhold.links.shares import Share

PAPER, ACCENT = "#fbfaf8", "#0f766e"
REVALIDATED = "no-cache"


@bp.get("/manifest.webmanifest")
def manifest() -> Response:
    """Answer what makes the pages an application (W3C Web Application Manifest)."""
    icons = [
        {"src": assets.static_url(f"icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    maskable = {**icons[-1], "src": assets.static_url("icon-maskable-512.png"), "purpose": "maskable"}
    described = {
        "id": "/",
        "name": "Linkhold",
        "short_name": "Linkhold",
        "description": speaking.gettext("Keeps your links"),
        "lang": speaking.page_language(),
        "start_url": url_for("web.start"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": ACCENT,
        "icons": [*icons, maskable],
        "shortcuts": [{"name": speaking.gettext("Unread"), "url": "/?q=is%3Aunread"}],
        "share_target": {
            "action": url_for("web.receive"),
            "method": "POST",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return Response(
        orjson.dumps(described),
        mimetype="application/manifest+json",
        headers={"Cache-Control": REVALIDATED, "Vary": "Accept-Language, Cookie"},
    )


@bp.get("/service-worker.js")
def service_worker() -> Response:
    """Answer the worker that lets pages be read without a network; from the root, where its scope begins."""
    script = assets.with_addresses("service-worker.js", parts=["outbox.js", "seen.js"])
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": REVALIDATED})


@bp.get("/offline")
def offline() -> BaseResponse:
    """Show what the worker keeps for when there is neither a network nor the page that was asked for."""
    identify.recognise(request)
    return make_response(render_template("offline.html"))


@bp.get("/kept")
def kept() -> BaseResponse:
    """Show what the worker leads to when it has kept a save on the device."""
    identify.recognise(request)
    return make_response(render_template("kept.html"))


@bp.post("/share")
def receive() -> BaseResponse:
    """Save what another app shares with the home screen's (Web Share Target)."""
    if keeping.is_for_another():
        return keeping.for_another()
    sent = shared(request.form)
    if sent.is_empty:
        return redirect(url_for("web.home"), code=303)
    return keeping.answer(sent, back=url_for("web.home"))


def shared(form: Mapping[str, str]) -> Share:
    """Return what an app sent, by the names that the manifest gives."""
    return Share(text=form.get("text", ""), url=form.get("url", ""), title=form.get("title", ""))
