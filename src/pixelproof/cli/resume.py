"""What ``verify --resume RUN`` takes over from the run that it goes on with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from pixelproof.contract import Json
from pixelproof.problems import BadUsage
from pixelproof.record.recording import Record, read_record

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h)?")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Duration(click.ParamType[float]):
    """Seconds, or a number with its unit: 90, 90s, 5m, 1h."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds; fails for what is no duration, and for none at all."""
        if isinstance(value, float):
            return value
        found = _DURATION.fullmatch(str(value).strip())
        if found is None or not float(found.group(1)):
            self.fail(f"'{value}' is no duration: for example 300s, 5m", param, ctx)
        return float(found.group(1)) * _SECONDS[found.group(2) or "s"]


def as_begun(given: Mapping[str, Any]) -> tuple[dict[str, Any], Record | None]:
    """Return the options of a run as it was begun, and its record. Raises BadUsage and BadRecord."""
    if given["resume"] is None:
        return dict(given), None
    record = read_record(given["resume"])
    begun = _begun(record)
    for name, value in begun.items():
        if _asked(name) and _plain(given[name]) != _plain(value):
            what = f"--resume goes on with {record.path}, which was begun with {name.replace('_', '-')} {value}"
            raise BadUsage(what, f"leave {name.replace('_', '-')} out, or begin a new run")
    report_dir = given["report_dir"]
    if report_dir is not None and Path(report_dir).resolve() != record.path.parent.resolve():
        raise BadUsage(f"--resume writes on in {record.path.parent}", "leave --report-dir out")
    return {**given, **begun, "report_dir": record.path.parent}, record


def _begun(record: Record) -> dict[str, Any]:
    header = record.header
    begun: dict[str, Any] = {name: header[name] for name in ("tier", "level", "seed")}
    planned, mock = header.get("planned"), header.get("mock")
    for name in ("select", "exclude"):
        begun[name] = _texts(planned.get(name) if isinstance(planned, dict) else None)
    if "contract" in header:
        begun["contract_file"] = Path(str(header["contract"]))
    else:
        begun["profile"] = header["profile"]
    if isinstance(mock, dict):
        return {**begun, "liar": mock.get("liar"), "url": None, "target_file": None}
    return begun if _asked("target_file") else {**begun, "url": header["target"]}


def _asked(name: str) -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in value) if isinstance(value, list) else ()


def _plain(value: Any) -> Any:
    return str(value).rstrip("/") if isinstance(value, str | Path) else value
