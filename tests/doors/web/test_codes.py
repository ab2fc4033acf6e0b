"""QR codes: what a phone's camera must be able to read."""

from __future__ import annotations

from linkhold.doors.web import codes


def test_a_code_has_a_name_and_nothing_of_its_text_as_markup() -> None:
    drawn = codes.qr_code('https://links.example/pair?code="><script>', 'For "Ada"')
    assert "script" not in drawn
    assert 'role="img" aria-label="For &#34;Ada&#34;"' in drawn
    assert "style=" not in drawn, "the content security policy allows no inline style"
