"""What went wrong, as a person is told it: a heading and a sentence for each status of HTTP. Pure."""

from __future__ import annotations


def _(message: str) -> str:
    """Mark a message for the catalogues."""
    return message


FAILURES: dict[int, tuple[str, str]] = {
    400: (_("That was not understood"), _("What the browser sent is not what is expected by this address.")),
    403: (_("Not allowed"), _("This may not be done from here.")),
    404: (_("Nothing here"), _("There is nothing here by that address.")),
    405: (
        _("Not by this address"),
        _("This address does nothing of that kind. Go back, and try it from the page that led here."),
    ),
    409: (_("Not as it is now"), _("This cannot be done to the thing as it now is.")),
    412: (_("Changed meanwhile"), _("It was changed elsewhere meanwhile: load it again, then decide.")),
    413: (_("Too large"), _("This is more than can be sent at once.")),
    429: (_("Too many attempts"), _("Wait a little, then try again.")),
    500: (_("Something went wrong"), _("Linkhold failed to answer. Its log says why.")),
    503: (
        _("Back in a moment"),
        _("Linkhold cannot answer at the moment. Try again shortly: repeating a request is safe."),
    ),
}
LEAST, FAULTS_OF_OURS = 400, 500


def of(status: int) -> tuple[str, str]:
    """Return the heading and the sentence of a status; of its kind, if it has none of its own."""
    return FAILURES.get(status) or FAILURES[LEAST if status < FAULTS_OF_OURS else FAULTS_OF_OURS]
