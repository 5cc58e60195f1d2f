"""The envoy of a pytest-xdist worker: asks the controller for verdicts, and sends nothing to the target itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

from pixelproof.contract import Json
from pixelproof.planning.case import Case
from pixelproof.planning.caseline import read_case
from pixelproof.problems import BadUsage
from pixelproof.record.recording import read_verdict
from pixelproof.running.controller import PLAN, WALKS
from pixelproof.running.prover import Quotes
from pixelproof.verdict import CaseVerdict

_ON_THIS_MACHINE = "workers must run on this machine (-n N, not --tx ssh=…); or use --workers N"


class ControllerGone(Exception):
    """The controller ended, or could not prove a case: no verdict of the target's."""


class Envoy:
    """A prover at the far end of a connection."""

    def __init__(self, invitation: Mapping[str, str]) -> None:
        """Come in, and fetch the plan. Raises BadUsage when no controller is there."""
        try:
            address = json.loads(invitation["address"])
            spoken = tuple(address) if isinstance(address, list) else address
            self._line = Client(spoken, authkey=bytes.fromhex(invitation["key"]))
        except (KeyError, OSError, AuthenticationError) as error:
            raise BadUsage(f"the worker cannot reach its controller ({error!r})", _ON_THIS_MACHINE) from None
        self._lock = threading.Lock()
        self._asked = 0
        plan = self._ask(PLAN)
        self._cases = tuple(read_case(line) for line in _maps(plan.get("cases")))
        self._quotes = {
            str(quote["claim"]): {name: str(said) for name, said in quote.items()}
            for quote in _maps(plan.get("quotes"))
        }

    @property
    def cases(self) -> tuple[Case, ...]:
        """Return the plan of the controller."""
        return self._cases

    @property
    def quotes(self) -> Quotes:
        """Return what the claims of the plan say."""
        return self._quotes

    def begin(self, chosen: Collection[str]) -> None:
        """Begin nothing: a case is conducted when its test asks for it."""

    def verdicts(self, case: Case) -> list[CaseVerdict]:
        """Ask for the verdicts of a case. Raises ControllerGone."""
        return self._verdicts(case.id)

    def walked(self) -> list[CaseVerdict]:
        """Ask for the random walks. Raises ControllerGone."""
        return self._verdicts(WALKS)

    def end(self) -> None:
        """Say goodbye."""
        self._line.close()

    def _verdicts(self, what: str) -> list[CaseVerdict]:
        answer = self._ask(what)
        if "broken" in answer:
            raise ControllerGone(str(answer["broken"]))
        return [read_verdict(line) for line in _maps(answer.get("verdicts"))]

    def _ask(self, what: str) -> dict[str, Json]:
        try:
            with self._lock:
                self._asked += 1
                self._line.send_bytes(json.dumps({"number": self._asked, "ask": what}).encode())
                return self._reply(self._asked)
        except (OSError, EOFError):
            raise ControllerGone("the controller of the run is gone") from None

    def _reply(self, number: int) -> dict[str, Json]:
        """Return the answer to a question; a test that was broken off may have left an earlier one behind."""
        while True:
            answer: dict[str, Json] = json.loads(self._line.recv_bytes())
            if answer.get("to") == number:
                return answer


def _maps(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
