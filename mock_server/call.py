"""One request on its way through the steps, and the two ways in which it ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixelproof.contract import ClaimIds, Json, Operation
    from pixelproof.matrix import Matrix

    from .faults import Fault
    from .images.pictures import Picture
    from .provider import Provider
    from .seams import Seams
    from .state.accounts import Account, Key
    from .state.artifacts import Artifact
    from .state.jobs import Job

#: A WSGI environment: only :mod:`.call` and :mod:`.steps.parsing` look into it.
Environ = dict[str, Any]
Headers = list[tuple[str, str]]


class Refusal(Exception):
    """A request that ends in an error: the row of the contract's table, and what to add to it."""

    def __init__(  # noqa: PLR0913 - what an error can carry
        self,
        row: str,
        message: str,
        *,
        parameter: str | None = None,
        claim: ClaimIds = (),
        retry_after_s: int | None = None,
        status: int | None = None,
    ) -> None:
        """Name the row (``invalid_request`` …); ``status`` picks among the row's statuses."""
        super().__init__(message)
        self.row = row
        self.message = message
        self.parameter = parameter
        self.claim = claim
        self.retry_after_s = retry_after_s
        self.status = status


@dataclass(slots=True, kw_only=True)
class Answer:
    """What goes over the wire; ``cut_at`` drops the connection after that many bytes of the body."""

    status: int
    body: bytes
    headers: Headers = field(default_factory=list)
    content_type: str = "application/json"
    cut_at: int | None = None


class Call:
    """Everything the steps know of one request. Each step fills what the later ones read."""

    __slots__ = (
        "account",
        "answer",
        "began",
        "billable",
        "body",
        "budgeted",
        "cost",
        "delay_s",
        "environ",
        "fault",
        "fingerprint",
        "hold",
        "image_windows",
        "in_flight",
        "job",
        "key",
        "now",
        "operation",
        "ordinal",
        "pictures",
        "place",
        "provider",
        "raw",
        "references",
        "refusal",
        "request_id",
        "secret",
        "step",
        "trace",
        "unit_price",
        "upload",
        "values",
    )

    # authenticate sets these two; no later step runs without them
    key: Key
    account: Account

    def __init__(
        self, provider: Provider, operation: Operation, environ: Environ, raw: bytes | None, place: str = ""
    ) -> None:
        """Begin with the request alone; ``raw`` None is a body beyond the size limit, ``place`` what the path names."""
        self.provider = provider
        self.operation = operation
        self.environ = environ
        self.raw = raw
        #: What the path names: the task id of ``/tasks/{task_id}``.
        self.place = place
        self.request_id = provider.world.next_request_id()
        #: The key as sent, for redaction; never stored beyond the request.
        self.secret: str | None = None
        #: Seconds of the monotonic clock: what the request takes is real, whatever the virtual time.
        self.began = monotonic()
        self.now = 0.0
        self.step = ""
        self.body: dict[str, Json] = {}
        self.values: dict[str, Json] = {}
        self.trace: str | None = None
        self.fingerprint = b""
        self.ordinal = 0
        self.fault: Fault | None = None
        self.delay_s = 0.0
        self.unit_price = 0
        self.cost = 0
        self.budgeted = 0
        self.hold: int | None = None
        self.pictures: list[Picture] = []
        self.billable = 0
        #: Reference images in the order of the request: stored ones, and copies to be stored with the task.
        self.references: list[Artifact] = []
        #: The file of an upload.
        self.upload: bytes | None = None
        #: The task that this request creates, reads or cancels.
        self.job: Job | None = None
        self.in_flight = False
        self.image_windows: tuple[Any, ...] = ()
        self.refusal: Refusal | None = None
        self.answer: Answer | None = None

    @property
    def seams(self) -> Seams:
        """Return the steps of this provider: a step reaches other steps through here only."""
        return self.provider.seams

    @property
    def matrix(self) -> Matrix:
        """Return the compiled checks of this request's capability."""
        return self.provider.matrices[self.operation.capability or ""]

    @property
    def n(self) -> int:
        """Return how many images the effective values ask for."""
        n = self.values.get("n", 1)
        return int(n) if isinstance(n, int | float) else 1

    @property
    def prompt(self) -> str:
        """Return the prompt without its correlation token, empty when there is none."""
        prompt = self.values.get("prompt", self.body.get("prompt"))
        return prompt if isinstance(prompt, str) else ""

    @property
    def model(self) -> str | None:
        """Return the model the request runs with, or names."""
        model = self.values.get("model", self.body.get("model"))
        return model if isinstance(model, str) else None

    @property
    def base_url(self) -> str:
        """Return scheme and host under which the client reaches us."""
        public = self.provider.world.settings.public_url
        if public is not None:
            return public.rstrip("/")
        environ = self.environ
        host = environ.get("HTTP_HOST") or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"
        return f"{environ.get('wsgi.url_scheme', 'http')}://{host}"
