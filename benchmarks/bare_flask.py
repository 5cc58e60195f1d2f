"""The floor: one static JSON route in Flask on the mock's own server, and nothing else.

`python -m benchmarks.bare_flask PORT`
"""

from __future__ import annotations

import sys

from flask import Flask, Response

app = Flask(__name__)
_BODY = b'{"created":1700000000,"data":[{"url":"http://127.0.0.1/images/x.png"}]}'


@app.post("/v1/images/generations")
def generate() -> Response:
    """Answer what never changes."""
    return Response(_BODY, mimetype="application/json")


def main(port: int) -> None:
    """Serve with as many threads as the mock has on one core."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "benchmarks.bare_flask:app",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        backpressure=1024,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
