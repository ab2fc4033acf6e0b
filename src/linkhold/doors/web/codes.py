"""QR codes, for what a phone reads from a screen."""

from __future__ import annotations

import segno
from markupsafe import Markup

from linkhold.doors.web.blueprint import bp

QUIET_ZONE = 4
"""Modules of white around a code, without which scanners may miss it (ISO/IEC 18004, 9.1)."""


@bp.app_template_global()
def qr_code(text: str, label: str) -> Markup:
    """Return a text as a QR code in SVG, dark on white in every appearance; `label` says what it is."""
    svg = segno.make(text, error="m", micro=False).svg_inline(
        border=QUIET_ZONE, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup('<span class="code" role="img" aria-label="{}">{}</span>').format(
        label,
        Markup(svg),  # noqa: S704 - drawn of numbers alone
    )
