"""The application for any WSGI server, such as `gunicorn linkhold.wsgi:app`."""

from linkhold.serving import farewell, load

__all__ = ["app", "farewell"]

app = load()
