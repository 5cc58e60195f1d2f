"""When something is wrong around the server, one sentence says what, and the exit code says whose it is."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pixelproof import loading
from pixelproof.cli import main
from pixelproof.record.recording import read_record
from pixelproof.settings import MockSettings
from pixelproof.verdict import Verdict
from pixelproof.verification.embedded import running

USAGE, UNREACHABLE, INCOMPLETE, INTERRUPTED = 2, 3, 5, 130


class Cli:
    """The command line, in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        self.out = self.said = ""

    def __call__(self, *arguments: object) -> int:
        """Run a command; return its exit code and keep what it printed and said."""
        self._monkeypatch.setattr(sys, "argv", ["pixelproof", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        self.out, self.said = self._capsys.readouterr()
        return int(ended.value.code or 0)

    def verify(self, *arguments: object) -> int:
        return self("verify", *arguments)


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Cli]:
    """Offer the command line, in a folder of its own; its handler of SIGTERM does not outlive the test."""
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield Cli(monkeypatch, capsys)
    signal.signal(signal.SIGTERM, before)


@contextmanager
def web(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Website(BaseHTTPRequestHandler):
    """Serves pages to people and knows no POST."""

    def do_GET(self) -> None:
        page = b"<html>welcome</html>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Mute(BaseHTTPRequestHandler):
    """Hangs up on everybody."""

    def handle(self) -> None:
        """Close without a word."""


def test_nobody_at_the_address_is_told_as_such(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    assert cli.verify(url, "--profile", "openai", "--report-dir", "out") == UNREACHABLE
    assert f"{url} does not answer (cannot connect" in cli.said
    assert read_record(Path("out")).end["outcome"] == "unreachable"


def test_a_server_that_never_answers_ends_the_run_after_the_timeout(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        assert cli.verify(url, "--profile", "openai", "--timeout", "0.3") == UNREACHABLE
    assert "does not answer (timeout" in cli.said


def test_a_server_that_hangs_up_is_no_target(cli: Cli) -> None:
    with web(Mute) as url:
        assert cli.verify(url, "--profile", "openai") == UNREACHABLE
    assert "does not answer (connection closed" in cli.said


def test_a_website_is_not_judged_as_an_image_api(cli: Cli) -> None:
    with web(Website) as url:
        assert cli.verify(url, "--profile", "openai") == UNREACHABLE
    assert "has no POST /images/generations (501" in cli.said


def test_a_base_url_without_its_path_is_not_judged(cli: Cli) -> None:
    with running(loading.shipped("openai"), MockSettings()) as url:
        assert cli.verify(url.removesuffix("/v1"), "--profile", "openai") == UNREACHABLE
    assert "It often ends in /v1" in cli.said


def test_tls_to_a_plain_port_is_told_as_such(cli: Cli) -> None:
    with web(Website) as url:
        assert cli.verify(url.replace("http:", "https:"), "--profile", "openai") == UNREACHABLE
    assert "SSL" in cli.said


def test_a_refused_key_is_told_before_anything_is_judged(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "sk-somebody-elses")
    with running(loading.shipped("openai"), MockSettings(closed_keys=True)) as url:
        assert cli.verify(url, "--profile", "openai", "--api-key-env", "KEY", "--report-dir", "out") == UNREACHABLE
    assert "refuses the key (401)" in cli.said
    assert {verdict.verdict for verdict in read_record(Path("out")).verdicts} == {Verdict.NOT_RUN}


def test_the_last_line_of_the_record_is_printed_as_json_also_without_a_target(cli: Cli) -> None:
    with web(Website) as url:
        assert cli.verify(url, "--profile", "openai", "--json") == UNREACHABLE
    assert json.loads(cli.out)["outcome"] == "unreachable"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--profile", "opnai"], "there is no profile 'opnai'; did you mean 'openai'?"),
        ([], "a URL alone does not say whose contract it keeps; add --profile or --contract"),
        (["--profile", "openai", "--api-key-env", "NO_SUCH"], "the environment has no variable NO_SUCH"),
        (["--profile", "openai", "--max-cost", "1 EUR"], "--max-cost is in EUR, the contract in USD"),
        (["--profile", "openai", "--max-cost", "-1 USD"], "--max-cost '-1 USD' is no amount"),
        (["--profile", "openai", "--ca-bundle", "nope.pem"], "--ca-bundle nope.pem: cannot be used: No such file"),
        (["--profile", "openai", "--proxy", "nonsense"], "--proxy nonsense: Unknown scheme"),
        (["--profile", "openai", "--select", "OAI-55"], "no case of openai is left to prove at tier core; did you"),
        (["--profile", "openai", "--exclude", "*"], "no case of openai is left to prove at tier core; try --tier full"),
        (["--profile", "openai", "--waivers", "nope.yaml"], "nope.yaml: cannot be read"),
        (["--target", "nope.yaml"], "nope.yaml: cannot be read"),
        (["--contract", "nope.yaml"], "nope.yaml: cannot be read"),
    ],
)
def test_a_slip_of_usage_is_one_sentence_and_leaves_an_older_record_alone(
    cli: Cli, arguments: list[str], sentence: str
) -> None:
    older = Path("out/run.jsonl")
    older.parent.mkdir()
    older.write_text("an older record", "utf-8")
    assert cli.verify("http://127.0.0.1:9/v1", *arguments, "--report-dir", "out") == USAGE
    assert sentence in cli.said
    assert older.read_text("utf-8") == "an older record"


@pytest.mark.parametrize("url", ["127.0.0.1:9", "ftp://127.0.0.1/v1", "http://[::1/v1", "http:///v1", "nonsense"])
def test_what_is_no_url_is_told_as_such(cli: Cli, url: str) -> None:
    assert cli.verify(url, "--profile", "openai") == USAGE
    assert f"'{url}' is no http(s) URL" in cli.said


def test_a_contract_without_claims_proves_nothing(cli: Cli) -> None:
    whole = (loading.specs_folder() / "openai" / "contract.yaml").read_text("utf-8")
    Path("contract.yaml").write_text(whole, "utf-8")
    assert cli.verify("http://127.0.0.1:9/v1", "--contract", "contract.yaml") == USAGE
    assert "the contract has no claims" in cli.said


def test_a_selected_claim_is_proven_on_its_own_profile_only(cli: Cli) -> None:
    assert cli("plan", "--select", "OAI-05", "--json") == 0
    assert [plan["profile"] for plan in json.loads(cli.out)] == ["openai"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "target.yaml:1: (whole file): must be a map at the top"),
        ("base_ulr: http://127.0.0.1:9/v1", "'base_ulr' is unknown here; did you mean 'base_url'?"),
        ("base_url: nowhere", "target.yaml:1: base_url: 'nowhere' is no http(s) URL"),
        ("base_url: [", "mend the YAML syntax"),
        ("base_url: http://127.0.0.1:9/v1\nkeys: {defautl: x}", "target.yaml:2: keys.defautl: 'defautl' is unknown"),
        ("base_url: http://127.0.0.1:9/v1\nkeys: {default: '${NO_SUCH}'}", "has no variable NO_SUCH"),
        ("base_url: http://127.0.0.1:9/v1\nkeys: {default: '${EMPTY}'}", "target.yaml:2: keys.default: is empty"),
        ("base_url: http://127.0.0.1:9/v1\nbalance: {request: credits}", "balance.request: must read 'METHOD /path'"),
    ],
)
def test_a_broken_target_file_is_refused_with_line_and_hint(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    monkeypatch.setenv("EMPTY", "")
    Path("target.yaml").write_text(text, "utf-8")
    assert cli.verify("--target", "target.yaml", "--profile", "openai") == USAGE
    assert sentence in cli.said


@pytest.mark.parametrize("key", ["sk-with-a-line-break\nx", "sk-ümlaut"])
def test_a_key_that_no_header_carries_is_our_users_slip_and_is_never_shown(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("KEY", key)
    with web(Website) as url:
        assert cli.verify(url, "--profile", "openai", "--api-key-env", "KEY") == USAGE
    assert "a key or header cannot be sent" in cli.said
    assert key[:5] not in cli.said


@pytest.mark.parametrize("words", [("verify", "--tier", "smoke"), ("load", "--requests", "5")])
def test_a_folder_that_cannot_be_made_is_no_defect_of_ours(cli: Cli, words: tuple[str, ...]) -> None:
    Path("taken").write_text("a file", "utf-8")
    assert cli(*words, "--profile", "openai", "--report-dir", "taken/here") == USAGE
    assert "taken/here" in cli.said
    assert "Not a directory; name a place that can be read and written" in cli.said
    assert "Traceback" not in cli.said


class Signalling(BaseHTTPRequestHandler):
    """Answers every request with a signal to the one who asks, and never with a response."""

    number: signal.Signals
    asks: int
    process: subprocess.Popen[str]

    def do_GET(self) -> None:
        """List no models."""
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_POST(self) -> None:
        """Interrupt the caller at the fifth request."""
        kind = type(self)
        kind.asks += 1
        if kind.asks >= 5:
            kind.process.send_signal(kind.number)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(400)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def interrupted_by(number: signal.Signals, folder: Path) -> int:
    """Return the exit code of a run that gets a signal in its midst."""
    handler = type("Handler", (Signalling,), {"number": number, "asks": 0})
    with web(handler) as url:
        command = [sys.executable, "-m", "pixelproof", "verify", url, "--profile", "openai", "--report-dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        handler.process = process  # type: ignore[attr-defined]  # the class was just made from Signalling
        return process.wait(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_its_record_as_such(number: signal.Signals, tmp_path: Path) -> None:
    assert interrupted_by(number, tmp_path) == INTERRUPTED
    assert read_record(tmp_path).end["outcome"] == "interrupted"


def test_a_killed_run_leaves_a_record_that_reads_as_incomplete(cli: Cli, tmp_path: Path) -> None:
    assert interrupted_by(signal.SIGKILL, tmp_path / "out") == -signal.SIGKILL
    assert read_record(tmp_path / "out").end is None
    assert cli("report", tmp_path / "out") == INCOMPLETE
    assert "the run was cut" in cli.said
    assert cli("report", tmp_path / "out", "--partial") == 0
    assert "INCOMPLETE" in cli.out
