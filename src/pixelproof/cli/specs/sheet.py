"""A contract on one or two screens, section by section."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pixelproof.cli.specs.paper import Paper
from pixelproof.contract import Ambiguity, Cell, ClaimIds, Contract, ErrorRow, Level, Limit, Model, Parameter, Support
from pixelproof.contract.wording import allowed, condition, is_assumed

#: Stands behind a value that is ours, where the page is silent.
_OURS = "~"
#: Keys of an error that every envelope fills by itself.
_SELF_FILLED = frozenset({"message", "param"})


def sheet(contract: Contract, file: str, *, colour: bool) -> str:
    """Return the page about one contract."""
    paper = Paper(colour=colour)
    read = sorted({claim.read for claim in contract.claims.values()})
    dates = f", read {read[0]}" + (f" to {read[-1]}" if len(read) > 1 else "") if read else ""
    paper.title(f"{contract.title} ({contract.profile})", f"{file}, {len(contract.claims)} claims{dates}")
    for section in (_access, _operations, _parameters, _models, _prices, _billing, _limits, _errors, _tasks):
        section(paper, contract)
    _ambiguities(paper, contract)
    _assumptions(paper, contract)
    return paper.text()


def _access(paper: Paper, contract: Contract) -> None:
    auth = contract.auth
    rows = [("servers", ", ".join(contract.servers)), ("auth", f"{auth.scheme}, keys such as {auth.mint}")]
    if auth.test_keys is not None:
        rows.append(("", f"test keys such as {auth.test_keys.mint}, never billed"))
    if auth.scopes:
        rows.append(("scopes", ", ".join(auth.scopes)))
    paper.pairs(rows)


def _operations(paper: Paper, contract: Contract) -> None:
    paper.heading("operations")
    rows = []
    for operation in contract.operations.values():
        answers = f"{operation.success}, a task" if operation.creates_task else str(operation.success)
        more = [operation.capability, operation.media_type, f"scope {operation.scope}" if operation.scope else None]
        about = ", ".join(part for part in more if part)
        rows.append((operation.name, f"{operation.method} {operation.path}", answers, about, _all(operation.claims)))
    paper.table(("name", "request", "success", "", "claims"), rows)


def _parameters(paper: Paper, contract: Contract) -> None:
    policy = "refused" if contract.unknown_policy is Support.REFUSED else "ignored"
    paper.heading("parameters", f"unknown ones are {policy}")
    rows = []
    for parameter in contract.parameters.values():
        default = "required" if parameter.required else _text(parameter.default)
        notes = [*(f"also {alias}" for alias in parameter.aliases)]
        notes += [f"only {', '.join(parameter.capabilities)}"] if parameter.capabilities else []
        notes += ["optional feature"] if parameter.optional_feature else []
        values = "a model below" if parameter.name == "model" else allowed(parameter.domain)
        rows.append((parameter.name, default, values, ", ".join(notes), _all(parameter.claims)))
    paper.table(("name", "default", "values", "", "claims"), rows)
    for exclusion in contract.exclusions:
        paper.line(f"not together: {condition(exclusion.when)}  {_ids(exclusion.claim)}")


def _models(paper: Paper, contract: Contract) -> None:
    paper.heading("models", "where they differ from the parameter table")
    written = [model for model in contract.models.values() if model.like is None]
    names = [
        name
        for name in contract.parameters
        if any(_cell(contract.parameters[name], model.cells[name]) for model in written if name in model.cells)
    ]
    rows = []
    for model in written:
        cells = [_cell(contract.parameters[name], model.cells[name]) for name in names]
        rows.append((_with_likes(contract, model), *cells, f"{model.revised_prompt}", _ids(model.claim)))
    paper.table(("model", *names, "revised_prompt", "claims"), rows)


def _prices(paper: Paper, contract: Contract) -> None:
    billing = contract.billing
    paper.heading("prices of one image", "the first row that covers a request decides")
    named = {name for row in billing.prices for name in row.when}
    first = [name for name in ("model", "size", "quality", "capability") if name in named]
    names = [*first, *sorted(named - set(first))]
    rows = []
    for row in billing.prices:
        cells = [" or ".join(row.when[name]) if name in row.when else "any" for name in names]
        span = (
            f" ({billing.currency.show(row.least)} to {billing.currency.show(row.most)})"
            if row.least and row.most
            else ""
        )
        rows.append(
            (
                *cells,
                billing.currency.show(row.price) + span,
                _ids(row.claim) + (f" {_OURS}" if is_assumed(contract, row.claim) else ""),
            )
        )
    paper.table((*names, "price", "claims"), rows)
    if not rows:
        paper.line("none is documented")


def _billing(paper: Paper, contract: Contract) -> None:
    billing = contract.billing
    paper.heading("money")
    rows = [
        ("wallet", f"{billing.currency.code} with {billing.currency.scale} digits, opening {_opening(contract)}"),
        ("charged", billing.moment.replace("_", " ")),
        ("overdraft", billing.overdraft.replace("_", " ")),
    ]
    if billing.forex is not None:
        rows.append(("rate", f"{billing.forex.rate} for 1 {billing.forex.base}, prices follow it"))
    for order in billing.order:
        times = f"{order.times} times as much" if order.times else "more"
        cheaper, dearer = (", ".join(f"{k} {v}" for k, v in side.items()) for side in (order.cheaper, order.dearer))
        rows.append(("order", f"{dearer} costs {times} than {cheaper}  {_ids(order.claim)}"))
    facets: dict[str, list[str]] = {}
    for facet, ids in billing.claims.items():
        for name in ids if facet != "prices" else ():
            facets.setdefault(name, []).append(facet.replace("_", " "))
    rows += [(name, f"{', '.join(said)}: {_statement(contract, name)}") for name, said in facets.items()]
    paper.pairs(rows)


def _limits(paper: Paper, contract: Contract) -> None:
    if not contract.limits and contract.rate_headers is None:
        return
    paper.heading("limits")
    paper.pairs((name.replace("_", " "), _limit(limit)) for name, limit in contract.limits.items())
    headers = contract.rate_headers
    if headers is not None:
        names = f"{headers.limit}, {headers.remaining}, {headers.reset}"
        paper.pairs([("headers", f"{names}  {_ids(headers.claim)}")])


def _errors(paper: Paper, contract: Contract) -> None:
    envelope = contract.errors.envelope
    keys = ", ".join(f"{key}: {' or '.join(types)}" for key, types in envelope.keys.items())
    paper.heading("errors", f"error: {{{keys}}}   {_OURS} is ours")
    names = [key for key in (*envelope.keys, *envelope.extra) if key not in _SELF_FILLED]
    rows = [
        (row.name, _status(row), *(_key(row, key) for key in names), "yes" if row.retry_after else "", _ids(row.claim))
        for row in contract.errors.rows.values()
    ]
    paper.table(("error", "status", *names, "Retry-After", "claims"), rows)


def _tasks(paper: Paper, contract: Contract) -> None:
    tasks = contract.tasks
    if tasks is None:
        return
    paper.heading("tasks")
    ends = [state for state in tasks.states if state not in {"queued", "running"}]
    begins = [state for state in ("queued", "running") if state in tasks.states]
    words = ", ".join(f"{state} is '{' or '.join(said)}'" for state, said in tasks.states.items() if said != (state,))
    mock = f"the mock's wait {tasks.queued_s} s and run {tasks.running_s} s"
    paper.pairs(
        [
            ("life", f"{' → '.join([*begins, ' | '.join(ends)])}; {mock}{'; ' + words if words else ''}"),
            ("body", ", ".join(f"{name} at {pointer}" for name, pointer in tasks.pointers.items())),
        ]
    )


def _ambiguities(paper: Paper, contract: Contract) -> None:
    if contract.ambiguities:
        paper.heading("what the documents leave open", "every reading passes")
        paper.pairs((point.claim, _point(contract, point)) for point in contract.ambiguities)


def _assumptions(paper: Paper, contract: Contract) -> None:
    ours = [(claim.id, claim.statement) for claim in contract.claims.values() if claim.level is Level.A]
    if ours:
        paper.heading("what is ours", "assumed where the page is silent, never judged")
        paper.pairs(ours)


def _point(contract: Contract, point: Ambiguity) -> str:
    claim = contract.claims.get(point.claim)
    about = f"{condition(point.subject)}: " if point.subject else ""
    readings = "; ".join(f"{name} ({where})" for name, where in point.readings.items())
    return f"{about}{claim.statement if claim else point.about}\n{readings}. The mock: {point.mock}."


def _cell(parameter: Parameter, cell: Cell) -> str:
    """Return what a model does differently from the parameter table, empty when nothing."""
    if cell.support is not Support.TAKEN:
        return cell.support.value
    values = allowed(cell.domain) if cell.domain != parameter.domain else ""
    if cell.default == parameter.default:
        return values
    default = "no default" if cell.default is None else f"default {_text(cell.default)}"
    return f"{values} ({default})".strip()


def _with_likes(contract: Contract, model: Model) -> str:
    likes = [other.id for other in contract.models.values() if other.like == model.id]
    routed = f" → {model.routes_to}" if model.routes_to else ""
    return ", ".join([model.id + routed, *likes])


def _limit(limit: Limit) -> str:
    tiers = ", ".join(f"{tier} {value}" for tier, value in limit.tiers.items())
    number = tiers or (str(limit.value) if limit.value is not None else "documented without a number")
    return f"{number} per {limit.per}  {_ids(limit.claim)}"


def _status(row: ErrorRow) -> str:
    return " or ".join(map(str, row.statuses)) + (f" {_OURS}" if "status" in row.assumed else "")


def _key(row: ErrorRow, key: str) -> str:
    return _text(row.keys.get(key)) + (f" {_OURS}" if key in row.assumed else "")


def _opening(contract: Contract) -> str:
    return contract.billing.currency.show(contract.billing.opening)


def _statement(contract: Contract, name: str) -> str:
    return contract.claims[name].statement if name in contract.claims else "(no such claim)"


def _all(facets: Mapping[str, ClaimIds]) -> str:
    return _ids(name for ids in facets.values() for name in ids)


def _ids(ids: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(ids))


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
