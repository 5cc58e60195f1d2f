"""`pixelproof gate`: one command, an exit code, and nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pixelproof import loading
from pixelproof.gate.launching import free_port
from pixelproof.recording import read_record

from .gateways import CALLERS, listening
from .liars import Own

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


def left_of(folder: Path) -> list[str]:
    """Return what still runs and was started by a gate that reported into a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if str(process.joinpath("cwd").readlink()).startswith(str(folder)):
                found.append(process.joinpath("cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_init_writes_a_commented_file_that_can_be_read(tmp_path: Path) -> None:
    done = gate(tmp_path / "ci" / "gate.yaml", "--init", "--like", "nginx")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "ci").iterdir()) == ["gate.yaml", "nginx.conf.tmpl"]


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
    assert left_of(tmp_path) == []


def test_a_gateway_that_runs_already_is_attached_to_and_left_running(tmp_path: Path) -> None:
    port, key = free_port(), "sk-upstream-of-a-running-gateway"
    with listening(Own(f"http://127.0.0.1:{port}", key)) as front:
        path = tmp_path / "gate.yaml"
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
        }
        path.write_text(json.dumps(written), "utf-8")
        done = gate(path, "--report-dir", tmp_path / "out", "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        with socket.create_connection(("127.0.0.1", front), 1):
            pass
    end = json.loads(done.stdout)
    log = next(line for line in read_record(tmp_path / "out").verdicts if line.rule == "log_kept")
    assert end["unjudged"] == ["GWY-03"]
    assert "it was not started here" in log.got
    assert not (tmp_path / "out" / "gateway.log").exists()
    assert left_of(tmp_path) == []


def test_what_the_gate_wrote_is_judged_again_to_the_same_verdicts(tmp_path: Path) -> None:
    test_a_gateway_that_runs_already_is_attached_to_and_left_running(tmp_path)
    command = [sys.executable, "-m", "pixelproof", "judge", str(tmp_path / "out"), "-o", str(tmp_path / "again")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode in {0, 5}, done.stdout + done.stderr
    then, now = (
        {(line.case, line.rule, line.claim): line.verdict for line in read_record(path).verdicts if "GWY" in line.claim}
        for path in (tmp_path / "out", tmp_path / "again")
    )
    assert len(then) > 250
    assert now == then
