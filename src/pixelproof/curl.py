"""A recorded request as a curl command: what a person types to see a finding again."""

from __future__ import annotations

import json

from pixelproof.exchange import Request

#: What stands in a record where a secret was sent.
REDACTED = "[redacted]"


def curl(request: Request, *, key_variable: str = "PIXELPROOF_KEY") -> str:
    """Write a request as a curl command; key and secret headers come from the environment."""
    parts = [f"curl -sS -X {request.method} {_quoted(request.url)}"]
    parts += [_header(name, value, key_variable) for name, value in request.headers.items()]
    if request.body is not None and request.padding:
        written = _quoted(json.dumps(request.body))
        spaces = f"head -c {request.padding} /dev/zero | tr '\\0' ' '"
        parts = [f"{{ printf %s {written}; {spaces}; }} | {parts[0]}", *parts[1:], "--data-binary @-"]
    elif request.body is not None:
        parts.append(f"--data-raw {_quoted(json.dumps(request.body, ensure_ascii=False))}")
    elif request.raw is not None and request.raw_encoding == "utf-8":
        parts.append(f"--data-raw {_quoted(request.raw)}")
    elif request.raw is not None:
        # bytes that no command line carries: through a pipe
        parts = [f"printf {_printf(request.raw.encode(request.raw_encoding))} | {parts[0]}", *parts[1:]]
        parts.append("--data-binary @-")
    return " \\\n  ".join(parts)


def _header(name: str, value: str, key_variable: str) -> str:
    if name.lower() == "authorization" and value == REDACTED:
        return f'-H "{name}: Bearer ${key_variable}"'
    if value == REDACTED:
        return f'-H "{name}: ${name.upper().replace("-", "_")}"'
    return f"-H {_quoted(f'{name}: {value}')}"


def _printf(data: bytes) -> str:
    """Write bytes as the format of printf(1): what is not plain ASCII in octal."""
    plain = range(0x20, 0x7F)
    return "'" + "".join(chr(b) if b in plain and chr(b) not in "%\\'" else f"\\{b:03o}" for b in data) + "'"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
