"""An S3 on loopback, spoken to over HTTP like any other: moto's server, with the clients' own variables set to it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest


@contextmanager
def storage(patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start the server, point the environment at it, and yield the URL of an empty bucket."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        patch.setenv(name, value)
    patch.delenv("AWS_PROFILE", raising=False)
    import fsspec

    clients = fsspec.filesystem("s3")
    clients.clear_instance_cache()  # a client made before these variables were set
    name = f"test-{uuid4().hex[:8]}"
    try:
        fsspec.filesystem("s3").mkdir(name)
        yield f"s3://{name}"
    finally:
        clients.clear_instance_cache()
        server.stop()
