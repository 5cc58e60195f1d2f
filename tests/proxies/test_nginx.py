"""A faithful proxy changes nothing: the harness finds no fault with a mock behind nginx."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from pixelproof.record.recording import read_record

PATIENCE_S = 30
#: Where Debian puts what it does not put on everybody's PATH.
SBIN = "/usr/sbin"
#: Everything but the control plane, which a gateway would not pass on.
CONFIGURATION = """
{user}
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen {address};
    location / {{
      proxy_pass {upstream};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;  # image URLs are built from it
    }}
    location /__admin {{ return 404; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A mock behind nginx: where callers reach it, and its control plane at the back."""

    url: str
    control: str


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Put nginx in front of a mock of openai."""
    nginx = the_nginx()
    with mock("openai") as upstream, proxy(nginx, upstream, tmp_path_factory.mktemp("nginx")) as front:
        yield Behind(url=f"{front}/v1", control=f"{upstream}/__admin")


def the_nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path=SBIN)
    if found is not None:
        return found
    if os.environ.get("PIXELPROOF_WITHOUT_NGINX") == "1":
        pytest.skip("PIXELPROOF_WITHOUT_NGINX=1")
    pytest.fail(
        "nginx is not installed: `apt-get install nginx-light` (or your system's package), "
        "or set PIXELPROOF_WITHOUT_NGINX=1 to leave these tests out",
        pytrace=False,
    )


@contextmanager
def mock(profile: str) -> Iterator[str]:
    command = [sys.executable, "-m", "pixelproof", "serve", profile, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip().removesuffix("/v1")
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


@contextmanager
def proxy(nginx: str, upstream: str, folder: Path) -> Iterator[str]:
    """Run nginx on a socket that listens already: no port is guessed, and no start is waited for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = "{}:{}".format(*listener.getsockname())
        file = folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(user=user(), folder=folder, address=address, upstream=upstream), "utf-8")
        number = listener.fileno()
        inherited = {**os.environ, "NGINX": f"{number};"}
        process = subprocess.Popen([nginx, "-p", folder, "-c", file], env=inherited, pass_fds=[number])
    try:
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def user() -> str:
    """Keep nginx from giving up the rights of root, to whom the folder of the test belongs."""
    return "user root;" if os.geteuid() == 0 else ""


def verify(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pixelproof", "verify", *map(str, arguments), "--report-dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_a_mock_behind_nginx_is_clean_from_outside(behind: Behind, tmp_path: Path) -> None:
    done = verify(behind.url, "--profile", "openai", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {verdict.verdict.value for verdict in read_record(tmp_path).verdicts} >= {"pass", "not-run"}


def test_a_mock_behind_nginx_is_conformant_with_its_control_plane_named(behind: Behind, tmp_path: Path) -> None:
    target = tmp_path / "target.yaml"
    target.write_text(f"base_url: {behind.url}\nprofile: openai\ncontrol: {behind.control}\n", "utf-8")
    done = verify("--target", target, "--strict", "--require-complete", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    end = read_record(tmp_path).end
    assert end is not None
    assert end["outcome"] == "conformant"


def test_every_image_url_of_a_mock_behind_nginx_names_the_proxy(behind: Behind, tmp_path: Path) -> None:
    done = verify(behind.url, "--profile", "openai", "--tier", "smoke", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    front = behind.url.removesuffix("/v1")
    urls = [item["url"] for exchange in read_record(tmp_path).exchanges for item in exchange.items() if "url" in item]
    assert urls
    assert all(str(url).startswith(f"{front}/") for url in urls)
