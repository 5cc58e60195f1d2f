"""For `locust -f load/locustfile.py --host http://127.0.0.1:8765/v1`: our users, Locust's own options."""

from pixelproof.load import attached, users  # type: ignore[import-not-found]  # mypy knows the folder as `load`

attached.attach()
PayingUser = users.PayingUser
