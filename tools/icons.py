"""Draw the icons of the home screen from `icon.svg`, with Debian's Chromium: `python -m tools.icons`.

An icon that a phone cuts to its own shape (`maskable`, and Apple's) has no corners of its own, and keeps
what matters within the inner 80 % (W3C Web Application Manifest, safe zone).
"""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

STATIC = Path(__file__).parents[1] / "src/linkhold/doors/web/static"
GROUND = "#0f766e"
# Name, size, and how much of it the drawing takes; less than all stands on ground to the edges.
ICONS = (
    ("icon-192.png", 192, 1.0),
    ("icon-512.png", 512, 1.0),
    ("icon-180.png", 180, 0.86),
    ("icon-maskable-512.png", 512, 0.8),
)


def draw(page: Page, drawing: str, *, name: str, size: int, part: float) -> None:
    """Write one icon."""
    ground = GROUND if part < 1 else "transparent"
    inner = round(size * part)
    page.set_viewport_size({"width": size, "height": size})
    page.set_content(
        f"<body style='margin:0;background:{ground};display:grid;place-items:center;height:100vh'>"
        f"<img src='data:image/svg+xml;base64,{drawing}' width={inner} height={inner}>"
    )
    page.locator("img").evaluate("image => image.decode()")
    page.screenshot(path=STATIC / name, omit_background=True)


def main() -> None:
    """Draw them all."""
    drawing = base64.b64encode((STATIC / "icon.svg").read_bytes()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        for name, size, part in ICONS:
            draw(page, drawing, name=name, size=size, part=part)
        browser.close()


if __name__ == "__main__":
    main()
