"""Linkhold under gunicorn instead of its own server.

    gunicorn --config deploy/gunicorn.conf.py linkhold.wsgi:app

gunicorn reads this file in the process that starts the workers, and takes over a socket that systemd
hands to it by itself. Everything of Linkhold's own stays a LINKHOLD_… variable.
"""

import atexit
import os
import shutil
import tempfile


def remove(directory: str, *, maker: int) -> None:
    """Remove what the workers shared, at the end of its maker: a worker that ends has this handler too."""
    if os.getpid() == maker:
        shutil.rmtree(directory, ignore_errors=True)


# The workers share their metrics there; it must be known before they load the application.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="linkhold-metrics-")
    atexit.register(remove, os.environ["PROMETHEUS_MULTIPROC_DIR"], maker=os.getpid())

workers = int(os.environ.get("LINKHOLD_WORKERS", "2"))
threads = int(os.environ.get("LINKHOLD_THREADS", "8"))
worker_class = "gthread"
bind = f"{os.environ.get('LINKHOLD_HOST', '127.0.0.1')}:{os.environ.get('LINKHOLD_PORT', '5465')}"
graceful_timeout = 5
# Nobody commands it but systemd, and all of one user's would share one place for it.
control_socket_disable = True
# A proxy that keeps connections to us open would race with our closing them; the nginx of ours keeps none.
keepalive = 75
# What a client's address is, Linkhold decides itself: see LINKHOLD_TRUSTED_PROXIES.
forwarded_allow_ips = ""


def post_worker_init(worker: object) -> None:
    """Have clients that wait for changes answered at a stop, with --preload too: see linkhold.signals."""
    del worker
    from linkhold.wsgi import farewell  # noqa: PLC0415 - each worker has its own

    farewell.hear_before_the_server()
