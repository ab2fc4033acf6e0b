"""What a browser calls itself (RFC 9110, 10.1.5), in two words that a person knows. Pure."""

from __future__ import annotations

import re

# Each pretends to be those that came before it, so the one that came last is asked for first.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
DEVICES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
FIRST = re.compile(r"[\w.+-]{1,40}")


def device(user_agent: str) -> str:
    """Return what a browser runs on, such as `iPhone`; blank if it does not say."""
    return next((name for sign, name in DEVICES if sign in user_agent), "")


def named(user_agent: str) -> tuple[str, str]:
    """Return the browser and the device, such as `Safari` and `iPhone`; each is blank if unknown."""
    browser = next((name for sign, name in BROWSERS if f"{sign}/" in user_agent), "")
    if not browser:
        first = FIRST.match(user_agent)
        browser = first[0] if first and not user_agent.startswith("Mozilla/") else ""
    return browser, device(user_agent)
