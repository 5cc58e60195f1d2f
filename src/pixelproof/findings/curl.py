"""A recorded request as a curl command: what a person types to see a finding again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from pixelproof.exchange import Request

#: What stands in a record where a secret was sent.
REDACTED = "[redacted]"
#: Folder beside a record with what no command line carries; curls name it from there.
FILES = "files"
#: The environment variable of the key that a run was started with; others bear their role behind it.
KEY_VARIABLE = "PIXELPROOF_KEY"
#: A longer body is read from a file: nobody reads it, and some shells cut it.
_INLINE = 2_000
#: Only plain names are written into a command: what stands in a record may come from anywhere.
_PART = re.compile(r'\r\nContent-Disposition: form-data; name="([\w.-]+)"; filename="([\w.-]+\.\w+)"', re.IGNORECASE)
_PART_TYPE = re.compile(r"\r\nContent-Type: ([\w.+/-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What a request carries as a file beside the record. ``form`` is how ``curl -F`` names it."""

    name: str
    data: bytes
    form: str = ""


def attachment(request: Request) -> Attachment | None:
    """Return the file that the curl of a request sends, None when the command says it all."""
    if request.raw is not None:
        part = _part(request)
        if part is not None:
            return part
        data = request.raw.encode(request.raw_encoding, "surrogatepass")
        return _file(data, "bin") if len(data) > _INLINE else None
    written = b"" if request.body is None else _json(request).encode()
    return _file(written, "json") if len(written) > _INLINE else None


def curl(
    request: Request,
    *,
    key_variable: str = KEY_VARIABLE,
    values: Mapping[str, str] | None = None,
    quiet: bool = False,
    alone: bool = False,
) -> str:
    """Write a request as a curl command; key and secret headers come from the environment.

    ``values`` are texts that an earlier command stored, with the shell variable of each;
    ``quiet`` drops the answer; ``alone`` is for a request that no record stands beside.
    """
    told = values or {}
    attached = None if any(value in _json(request) for value in told) else attachment(request)
    if alone and attached is not None and not attached.form:
        attached = None
    method = request.method if request.method.isalnum() else quoted(request.method)
    parts = [f"curl -sS -X {method} {spliced(request.url, told)}"]
    form = attached is not None and attached.form
    headers = request.headers.items()
    # curl -F writes its own boundary
    parts += [_header(name, value, key_variable) for name, value in headers if not (form and name == "content-type")]
    parts = _with_body(request, attached, told, parts)
    return " \\\n  ".join([*parts, "-o /dev/null"] if quiet else parts)


def _with_body(request: Request, attached: Attachment | None, told: Mapping[str, str], parts: list[str]) -> list[str]:
    written = f"printf %s {spliced(_json(request), told)}"
    if attached is not None:
        path = f"{FILES}/{attached.name}"
        written = f"cat '{path}'"
        if not request.padding:
            return [*parts, f"-F '{attached.form.format(path=path)}'" if attached.form else f"--data-binary '@{path}'"]
    if request.body is not None and request.padding:
        spaces = f"head -c {request.padding} /dev/zero | tr '\\0' ' '"
        return [f"{{ {written}; {spaces}; }} | {parts[0]}", *parts[1:], "--data-binary @-"]
    if request.body is not None:
        return [*parts, f"--data-raw {spliced(_json(request), told)}"]
    if request.raw is not None and request.raw_encoding == "utf-8" and "\0" not in request.raw:
        return [*parts, f"--data-raw {quoted(request.raw)}"]
    if request.raw is not None:
        # bytes that no command line carries: through a pipe
        piped = f"printf {_printf(request.raw.encode(request.raw_encoding))} | {parts[0]}"
        return [piped, *parts[1:], "--data-binary @-"]
    return parts


def located(command: str, folder: str) -> str:
    """Return a curl with the files of its record named from where the reader stands."""
    inside = quoted(folder)[1:-1]
    for mark in (f"@{FILES}/", f"cat '{FILES}/"):
        command = command.replace(mark, mark.replace(FILES, f"{inside}/{FILES}"))
    return command


def _part(request: Request) -> Attachment | None:
    """Return the one file of a multipart body, None when it is anything else."""
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    boundary = kind.partition("boundary=")[2].strip('"')
    parts = (request.raw or "").split(f"--{boundary}")
    if not kind.startswith("multipart/form-data") or not boundary or len(parts) != 3:  # noqa: PLR2004 - nothing, part, end
        return None
    head, _, content = parts[1].partition("\r\n\r\n")
    named, media_type = _PART.search(head), _PART_TYPE.search(head)
    if named is None:
        return None
    kept = _file(content.removesuffix("\r\n").encode(request.raw_encoding), named[2].rpartition(".")[2])
    typed = f";type={media_type[1]}" if media_type else ""
    return Attachment(name=kept.name, data=kept.data, form=f"{named[1]}=@{{path}}{typed};filename={named[2]}")


def _file(data: bytes, suffix: str) -> Attachment:
    return Attachment(name=f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}", data=data)


def _json(request: Request) -> str:
    if request.body is None:
        return ""
    readable = json.dumps(request.body, ensure_ascii=False)
    # half a surrogate pair can only be sent escaped, as it was
    return readable if readable.isprintable() else json.dumps(request.body)


def _header(name: str, value: str, key_variable: str) -> str:
    if name.lower() == "authorization" and value == REDACTED:
        return f'-H "{name}: Bearer ${key_variable}"'
    if value == REDACTED:
        return f'-H {quoted(f"{name}: ")}"${header_variable(name)}"'
    return f"-H {quoted(f'{name}: {value}')}"


def header_variable(name: str) -> str:
    """Return the environment variable that holds a secret header."""
    return re.sub(r"\W", "_", name.upper(), flags=re.ASCII)


def _printf(data: bytes) -> str:
    """Write bytes as the format of printf(1): what is not plain ASCII in octal."""
    plain = range(0x20, 0x7F)
    return "'" + "".join(chr(b) if b in plain and chr(b) not in "%\\'" else f"\\{b:03o}" for b in data) + "'"


def spliced(text: str, told: Mapping[str, str]) -> str:
    """Quote a text for the shell, with the variables that stand for parts of it."""
    shown = quoted(text)
    for value, name in told.items():
        shown = shown.replace(value, f"'\"${name}\"'")
    return shown


def quoted(text: str) -> str:
    """Quote a text for the shell: nothing in it is expanded."""
    return "'" + text.replace("'", "'\\''") + "'"
