"""`pixelproof gate`: one command, an exit code, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.gate.launching import free_port
from pixelproof.gate.process import MOST_SAID
from pixelproof.record.recording import read_record

from .agreement import disagreements
from .gateways import CALLERS, listening
from .liars import Own
from .processes import left_of

#: A server that answers every request with its process number, and the number of its child.
ANSWERS = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"up")
    def do_POST(self):
        self.send_response(404); self.end_headers()
print("child", child.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
SBIN = "/usr/sbin"


def gate(*arguments: object, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pixelproof", "gate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180, env={**os.environ, **more})


def gate_file(folder: Path, command: list[str]) -> Path:
    path = folder / "gate.yaml"
    written = {
        "auth": "passthrough",
        "upstream": {"profile": "openai"},
        "gateway": {"command": command, "ready": {"path": "/v1/models", "timeout_s": 10}},
        "target": {"base_url": "http://127.0.0.1:{port}/v1"},
    }
    path.write_text(json.dumps(written), "utf-8")
    return path


def test_init_writes_a_commented_file_that_can_be_read(tmp_path: Path) -> None:
    done = gate(tmp_path / "ci" / "gate.yaml", "--init", "--like", "nginx")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "ci").iterdir()) == ["gate.yaml", "nginx.conf.tmpl"]


def test_a_gate_file_that_is_not_there_is_offered_to_be_begun(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    done = gate(file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"pixelproof: there is no {file}; begin one with: pixelproof gate {file} --init\n"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("mine", "utf-8")
    done = gate(tmp_path / "gate.yaml", "--init")
    assert done.returncode == 2
    assert "is there already" in done.stderr
    assert (tmp_path / "gate.yaml").read_text("utf-8") == "mine"


def test_an_unknown_example_is_told_with_the_nearest_one(tmp_path: Path) -> None:
    done = gate(tmp_path / "gate.yaml", "--init", "--like", "ngnix")
    assert done.returncode == 2
    assert "did you mean 'nginx'?" in done.stderr


def test_a_gateway_that_does_not_exist_ends_with_a_sentence(tmp_path: Path) -> None:
    done = gate(gate_file(tmp_path, ["no-such-gateway"]), "--report-dir", tmp_path / "out")
    assert done.returncode == 2
    assert (
        done.stderr.strip()
        == "pixelproof: 'no-such-gateway' cannot be started: No such file or directory; is it installed?"
    )
    assert left_of(tmp_path) == []


def test_a_gateway_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no configuration')"]
    done = gate(gate_file(tmp_path, command), "--report-dir", tmp_path / "out")
    assert done.returncode == 3
    assert "the gateway ended with code 1: no configuration" in done.stderr
    assert left_of(tmp_path) == []


def test_a_gateway_without_the_api_is_unreachable_and_stopped_with_its_children(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ANSWERS, "{port}"]
    done = gate(gate_file(tmp_path, command), "--report-dir", tmp_path / "out")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "has no POST /images/generations" in done.stderr
    assert left_of(tmp_path) == []
    end = read_record(tmp_path / "out").end
    assert end is not None
    assert end["outcome"] == "unreachable"


@pytest.mark.parametrize("what", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_gate_leaves_nothing_behind(what: signal.Signals, tmp_path: Path) -> None:
    path = gate_file(tmp_path, [sys.executable, "-c", "import time; time.sleep(600)"])
    command = [sys.executable, "-m", "pixelproof", "gate", str(path), "--report-dir", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        log = tmp_path / "out" / "gateway.log"
        while not log.exists() and process.poll() is None:
            os.sched_yield()
        process.send_signal(what)
        said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert left_of(tmp_path) == []


#: A gateway of a few lines before the mock; what it does is decided by its second argument.
FORWARDS = """
import http.server, os, sys, time, urllib.error, urllib.request
port, upstream, what = int(sys.argv[1]), sys.argv[2], sys.argv[3]
if what == "never":
    time.sleep(600)
if "late" in what:
    time.sleep(1)
if what == "mute":
    import socket
    listener = socket.create_server(("127.0.0.1", port))
    time.sleep(600)
seen = 0
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.answer(200, b"{}")
    def do_POST(self):
        global seen
        seen += 1
        body = self.rfile.read(int(self.headers["content-length"]))
        if what == "dies" and seen > 12:
            print("out of memory", flush=True)
            os._exit(137)
        if what == "hangs" and seen > 12:
            time.sleep(600)
        if "floods" in what:
            sys.stdout.write("noise " * 40_000)
        headers = {"content-type": "application/json", "authorization": self.headers.get("authorization", "")}
        asked = urllib.request.Request(upstream + self.path, body, headers, method="POST")
        try:
            with urllib.request.urlopen(asked, timeout=20) as found:
                self.answer(found.status, found.read())
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read())
    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def forwarding(folder: Path, what: str, *, ready_s: float = 20, timeout_s: float = 5) -> Path:
    """Write a gate file whose gateway misbehaves; the suites are left out."""
    path = gate_file(folder, [sys.executable, "-c", FORWARDS, "{port}", "{upstream_origin}", what])
    written = json.loads(path.read_text("utf-8"))
    written["gateway"]["ready"] = {"path": "/", "timeout_s": ready_s}
    path.write_text(json.dumps({**written, "tier": "none", "hang_s": 0.1, "timeout_s": timeout_s}), "utf-8")
    return path


@pytest.mark.parametrize("what", ["never", "mute"])
def test_a_gateway_that_never_answers_is_given_up_in_its_time(what: str, tmp_path: Path) -> None:
    began = time.monotonic()
    done = gate(forwarding(tmp_path, what, ready_s=1), "--report-dir", tmp_path / "out")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "was not ready at http://127.0.0.1:" in done.stderr
    assert time.monotonic() - began < 20
    assert left_of(tmp_path) == []


def test_a_gateway_that_dies_is_told_with_its_last_words_and_the_rest_is_left_out(tmp_path: Path) -> None:
    done = gate(forwarding(tmp_path, "dies"), "--report-dir", tmp_path / "out", "--json")
    end = json.loads(done.stdout)
    assert (done.returncode, end["note"]) == (
        3,
        "stopped: the gateway ended with code 137: out of memory; see gateway.log",
    )
    reasons = {line.reason for line in read_record(tmp_path / "out").verdicts if line.verdict.value == "not-run"}
    assert "outage" in reasons
    assert left_of(tmp_path) == []


def test_a_gateway_that_hangs_for_good_costs_a_few_waits_and_no_more(tmp_path: Path) -> None:
    began = time.monotonic()
    done = gate(forwarding(tmp_path, "hangs", timeout_s=0.5), "--report-dir", tmp_path / "out", "--json")
    assert done.returncode == 3, done.stdout + done.stderr
    assert time.monotonic() - began < 30
    said = {line.got for line in read_record(tmp_path / "out").verdicts if line.reason == "outage"}
    assert said == {"the gateway answered nothing in 3 cases in a row"}
    assert left_of(tmp_path) == []


def test_a_gateway_that_binds_late_and_floods_its_output_fills_no_disk_and_is_judged_all_the_same(
    tmp_path: Path,
) -> None:
    done = gate(forwarding(tmp_path, "late-floods"), "--report-dir", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["claims"]["GWY-01"]["verdict"] == "pass", done.stderr
    log = tmp_path / "out" / "gateway.log"
    assert MOST_SAID <= log.stat().st_size < MOST_SAID + 100
    assert log.read_bytes().endswith(b"and more, which is not kept\n")
    assert left_of(tmp_path) == []


def test_nginx_before_the_mock_is_judged_clean(tmp_path: Path) -> None:
    if shutil.which("nginx") is None and shutil.which("nginx", path=SBIN) is None:
        if os.environ.get("PIXELPROOF_WITHOUT_NGINX") == "1":
            pytest.skip("PIXELPROOF_WITHOUT_NGINX=1")
        pytest.fail("nginx is not installed: `apt-get install nginx-light`", pytrace=False)
    done = gate(
        loading.specs_folder() / "gateway" / "nginx" / "gate.yaml", "--report-dir", tmp_path / "out", "--strict"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    record = read_record(tmp_path / "out")
    assert record.end is not None
    assert record.end["outcome"] == "conformant"
    assert record.end["unjudged"] == []
    assert {name for name in record.end["claims"] if name.startswith("GWY")} == set(loading.gateway_claims())
    assert disagreements("nginx", record) == []
    assert left_of(tmp_path) == []


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Gate a gateway that runs already, with a short load; return the folder with the record."""
    port, key = free_port(), "sk-upstream-of-a-running-gateway"
    folder = tmp_path_factory.mktemp("attached")
    with listening(Own(f"http://127.0.0.1:{port}", key)) as front:
        path = folder / "gate.yaml"
        written = {
            "auth": "own",
            "upstream": {"profile": "openai", "port": port, "key": key},
            "target": {
                "base_url": f"http://127.0.0.1:{front}/v1",
                "keys": {"default": CALLERS[0], "other": CALLERS[1]},
                "balance": {"request": "GET /wallet", "pointer": "/balance", "unit": "USD", "exclusive": True},
            },
            "tier": "none",
            "hang_s": 0.2,
            "timeout_s": 10,
            "load": {"requests": 200},
        }
        path.write_text(json.dumps(written), "utf-8")
        done = gate(path, "--report-dir", folder / "out", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        with socket.create_connection(("127.0.0.1", front), 1):
            pass
    (folder / "said").write_text(done.stdout, "utf-8")
    return folder


def test_a_gateway_that_runs_already_is_attached_to_and_left_running(attached: Path) -> None:
    end = json.loads((attached / "said").read_text("utf-8"))
    log = next(line for line in read_record(attached / "out").verdicts if line.rule == "log_kept")
    assert end["unjudged"] == ["GWY-03"]
    assert "it was not started here" in log.got
    assert not (attached / "out" / "gateway.log").exists()
    assert left_of(attached) == []


def test_a_short_load_ends_the_gate_and_its_money_is_in_the_record(attached: Path) -> None:
    record = read_record(attached / "out")
    (load,) = (exchange for exchange in record.exchanges if exchange.case == "gate/load")
    assert load.facts["load"]["requests"] == 200
    assert load.facts["load"]["reconciliation"]["exact"] is True
    assert load.facts["upstream"]["exact"] is True
    judged = {line.claim for line in record.verdicts if line.case == "gate/load" and line.verdict.judged}
    assert judged == {"GWY-02", "GWY-07", "GWY-08", "GWY-11", "GWY-12"}


def test_what_the_gate_wrote_is_judged_again_to_the_same_verdicts(attached: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pixelproof", "judge", str(attached / "out"), "-o", str(tmp_path / "again")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {0, 5}, done.stdout + done.stderr
    then, now = (
        {(line.case, line.rule, line.claim): line.verdict for line in read_record(path).verdicts if "GWY" in line.claim}
        for path in (attached / "out", tmp_path / "again")
    )
    assert len(then) > 250
    assert now == then
