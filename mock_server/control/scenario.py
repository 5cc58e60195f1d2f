"""One call of every route in an order in which each has something to show: the reference records their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixelproof.contract import Json


#: Keeps a whole answer, and sends it.
WHOLE = "snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: ``{name}`` in path, query and bodies stands for what an earlier answer was asked to keep."""

    route: str
    about: str
    query: str = ""
    body: Mapping[str, Json] | None = None
    #: Name → field of the answer that is kept under it.
    keep: Mapping[str, str] = field(default_factory=dict)
    #: Values of the placeholders of the route.
    places: Mapping[str, str] = field(default_factory=dict)
    #: A body or a query that is refused, to show how.
    refused: Mapping[str, Json] | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Calls about one noun."""

    title: str
    about: str
    calls: tuple[Call, ...]
    #: True: an image is asked for first, so that there is something to show.
    asks_first: bool = False


_THE_ACCOUNT = {"account": "{account}"}

ACCOUNTS = Chapter(
    title="Accounts",
    about="An account is a universe: wallet, keys, limits, tasks, clock and faults of its own. Amounts are decimal\n"
    "texts in its currency. In a path, an id or one of its keys names it.",
    calls=(
        Call(
            route="POST /accounts",
            about="Open an account with a first key. The answer is the only one that shows the key.",
            body={"key": "{first}", "balance": "1000", "limits": {"requests_per_minute": 60}},
            keep={"account": "id"},
            refused={"ballance": "1000"},
        ),
        Call(route="GET /accounts", about="All accounts; with a query, a page of them, those that asked last first."),
        Call(route="GET /accounts/<account>", about="Show one account.", places=_THE_ACCOUNT),
        Call(
            route="PATCH /accounts/<account>",
            about="Change tier, limits, or what all its keys carry; only fields that are sent change.",
            places=_THE_ACCOUNT,
            body={"adjustment": "-0.5", "task_polls": 2},
            refused={"balance": "5"},
        ),
        Call(
            route="POST /accounts/<account>/keys",
            about="Give the account a further key.",
            places=_THE_ACCOUNT,
            body={"key": "{second}", "budget": "1"},
            keep={"key": "id"},
            refused={"key": "invalid"},
        ),
        Call(
            route="DELETE /accounts/<account>/keys/<key_id>",
            about="Revoke a key, at once.",
            places={"account": "{account}", "key_id": "{key}"},
        ),
        Call(
            route="POST /accounts/<account>/top-ups",
            about="Put money into the wallet.",
            places=_THE_ACCOUNT,
            body={"amount": "5"},
            refused={"amount": "0"},
        ),
        Call(
            route="GET /accounts/<account>/ledger",
            about="The entries of the ledger, oldest first; `next` is the `after` of the next page.",
            places=_THE_ACCOUNT,
            query="limit=2",
            refused="limit=many",
        ),
        Call(
            route="GET /accounts/<account>/ledger/check",
            about="The sums of the ledger, and whether they balance.",
            places=_THE_ACCOUNT,
        ),
    ),
)
CLOCK = Chapter(
    title="Clock",
    about="Tasks, limits and the life of image URLs follow a virtual clock: everybody's, or that of one account.",
    calls=(
        Call(route="GET /clock", about="What time it is.", query="account={account}", refused="account=nobody"),
        Call(route="POST /clock/freeze", about="Stand still.", body={"account": "{account}"}),
        Call(
            route="POST /clock/advance",
            about="Go forward, frozen or not.",
            body={"seconds": 3600, "account": "{account}"},
            refused={"seconds": -1},
        ),
        Call(route="POST /clock/resume", about="Go on from there.", body={"account": "{account}"}),
    ),
)
FAULTS = Chapter(
    title="Faults",
    about="A fault meets requests until its `times` are over, its `ttl_s` has passed or it is deleted.",
    calls=(
        Call(
            route="POST /faults",
            about="Put up a fault. Which effect takes which field stands in the vocabulary; a field that the effect\n"
            "does not take is refused.",
            body={"effect": "rate_limited", "times": 2, "retry_after_s": 5, "match": {"account": "{account}"}},
            keep={"fault": "id"},
            refused={"effect": "servererror"},
        ),
        Call(route="GET /faults", about="What stands, and how often it hit."),
        Call(
            route="GET /faults/<fault_id>",
            about="One fault.",
            places={"fault_id": "{fault}"},
        ),
        Call(route="GET /faults/vocabulary", about="Every effect with its arguments, every argument with its bounds."),
        Call(route="DELETE /faults/<fault_id>", about="Take one down.", places={"fault_id": "{fault}"}),
        Call(route="DELETE /faults", about="Take all down."),
    ),
)
JOURNAL = Chapter(
    title="Requests and images",
    about="What was asked of the API, what answered, and why. Keys and whole images never stand in it.",
    calls=(
        Call(
            route="GET /requests",
            about="The journal. `step` and `claim` say what decided the answer, `fault` which fault hit; `next` is\n"
            "the `after` of the next page.",
            query="account={account}&status=202&latest=1",
            refused="status=soon",
        ),
        Call(
            route="GET /images",
            about="Images made lately, newest first, each with a path that opens it.",
            query="limit=1",
            refused="limit=1000",
        ),
        Call(
            route="DELETE /requests",
            about="Forget the journal, or what one account asked.",
            query="account={account}",
        ),
    ),
)
TASKS = Chapter(
    title="Tasks",
    about="Of providers that answer with a task.",
    asks_first=True,
    calls=(
        Call(route="GET /tasks", about="Tasks, newest first.", query="account={account}&limit=1"),
        Call(route="GET /tasks/<task_id>", about="One task.", places={"task_id": "{task}"}),
        Call(
            route="POST /tasks/<task_id>",
            about="Move a task by hand. One that is at its end stays there: 409.",
            places={"task_id": "{task}"},
            body={"status": "succeeded"},
            refused={"images": 1},
        ),
    ),
)
SERVER = Chapter(
    title="The server",
    about="What it is, how it is, and back to the beginning.",
    calls=(
        Call(route="GET /health", about="Whether it lives. Needs the token as everything does."),
        Call(route="GET /ready", about="Whether requests can be answered; 503 while they cannot."),
        Call(route="GET /about", about="What is served, each with a request that works."),
        Call(route="GET /forex", about="Rupees for a dollar; null stands for the contract's rate."),
        Call(
            route="PUT /forex",
            about="Set it, for everybody or in the universe of one account.",
            body={"usd_inr": "87.50", "account": "{account}"},
            refused={"usd_inr": "0"},
        ),
        Call(route="GET /unexpected", about="Errors of the mock itself; there should be none."),
        Call(route="GET /metrics", about="Counters and gauges for Prometheus."),
        Call(
            route="GET /snapshot",
            about="The whole state. Keys stand in it as salted digests only.",
            keep={WHOLE: WHOLE},
        ),
        Call(
            route="PUT /snapshot",
            about="Put a whole state back: the body is what `GET /snapshot` gave.",
            body={WHOLE: WHOLE},
            refused={"format": "something else"},
        ),
        Call(route="POST /reset", about="Clear all state; the clock never goes back."),
    ),
)
CHAPTERS = (ACCOUNTS, CLOCK, FAULTS, TASKS, JOURNAL, SERVER)
