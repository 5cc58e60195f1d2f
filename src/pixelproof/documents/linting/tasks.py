"""The life of a task: states that have no word, or that nothing leads to; pointers into nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pixelproof.contract import Contract, ResponseField, Tasks
from pixelproof.documents.linting.finding import Remark
from pixelproof.documents.linting.given import Given
from pixelproof.documents.linting.registry import error, warning

#: pointer of ``tasks`` → what the field that it leads to must be
_LEADS_TO: Mapping[str, str] = {
    "id": "task_id",
    "status": "task_status",
    "images": "images",
    "charged": "charged",
    "refunded": "refunded",
    "references": "references",
    "error": "task_error",
}


@error
def missing_task_state(contract: Contract, given: Given) -> Iterator[Remark]:
    """A state that tasks pass through, and that has no word."""
    del given
    if contract.tasks is None:
        return
    for state, why in _passed(contract, contract.tasks).items():
        if not contract.tasks.states.get(state):
            message = f"tasks are {state} at times ({why}), and there is no word for it"
            yield Remark(path=("tasks", "states"), message=message, hint=f"add '{state}: [the provider's word]'")


@warning
def unreachable_task_state(contract: Contract, given: Given) -> Iterator[Remark]:
    """A state that no task ever gets to."""
    del given
    if contract.tasks is None:
        return
    passed = {*_passed(contract, contract.tasks), "succeeded", "failed"}
    hints = {
        "queued": "give duration.queued_s at least one second, or leave the state out",
        "running": "give duration.running_s at least one second, or leave the state out",
        "canceled": "add the operation 'cancel', or leave the state out",
    }
    for state in contract.tasks.states:
        if state not in passed:
            message = f"no task is ever {state}"
            yield Remark(path=("tasks", "states", state), message=message, hint=hints[state])


@error
def ambiguous_task_word(contract: Contract, given: Given) -> Iterator[Remark]:
    """One word for two states: nobody can tell where a task stands."""
    del given
    owners: dict[str, str] = {}
    for state, words in (contract.tasks.states if contract.tasks else {}).items():
        for word in words:
            first = owners.setdefault(word, state)
            if first != state:
                message = f"'{word}' means {first} already"
                yield Remark(path=("tasks", "states", state), message=message, hint="a word can mean one state only")


@error
def dangling_pointer(contract: Contract, given: Given) -> Iterator[Remark]:
    """A pointer into the task's body that leads to nothing, or to something else."""
    del given
    if contract.tasks is None:
        return
    for name, wanted in _LEADS_TO.items():
        pointer = contract.tasks.pointers.get(name)
        if pointer is None:
            continue
        field = _field(contract.response.fields, pointer.split("/")[1:])
        if field is None:
            message = f"'{pointer}' leads to no field of the response"
            hint = "follow response.fields from the top"
            yield Remark(path=("tasks", name), message=message, hint=hint)
        elif field.source != wanted:
            message = f"'{pointer}' leads to a field that is '{field.source}', not '{wanted}'"
            hint = f"point to the field that is '{wanted}'"
            yield Remark(path=("tasks", name), message=message, hint=hint)


@warning
def idle_tasks(contract: Contract, given: Given) -> Iterator[Remark]:
    """A life of tasks that no operation creates."""
    del given
    if contract.tasks is not None and not any(operation.creates_task for operation in contract.operations.values()):
        hint = "write 'creates: task' at the operation, or leave 'tasks' out"
        yield Remark(path=("tasks",), message="no operation creates a task", hint=hint)


def _passed(contract: Contract, tasks: Tasks) -> dict[str, str]:
    passed = {}
    if tasks.queued_s:
        passed["queued"] = f"for {tasks.queued_s} s"
    if tasks.running_s:
        passed["running"] = f"for {tasks.running_s} s"
    if "cancel" in contract.operations:
        passed["canceled"] = "by the operation 'cancel'"
    return passed


def _field(fields: tuple[ResponseField, ...], names: list[str]) -> ResponseField | None:
    found = next((field for field in fields if field.name == names[0]), None)
    return found if found is None or len(names) == 1 else _field(found.fields, names[1:])
