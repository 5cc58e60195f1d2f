"""The wallets that pay for a load: opened before it, read while it goes, closed after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pixelproof.contract import Contract, Json
from pixelproof.levers import Levers
from pixelproof.loadtest.line import Closing, Movement
from pixelproof.loadtest.plan import Payer
from pixelproof.money import Currency, Units
from pixelproof.targets.control import Account, ControlPlane
from pixelproof.targets.missing import MissingLever
from pixelproof.targets.openings import Granted

#: What an account is opened with, in whole units of the currency: more than any load spends.
_PLENTY = 100_000_000
#: A scarce account is opened with so many times the dearest price of the load.
_SCARCE = 3
#: Seconds on the clock after which everything that could fall due has.
_A_DAY_S = 86_400.0
#: Entries of one page.
_PAGE = 10_000


@dataclass(slots=True)
class Passbook:
    """Ledgers of accounts at a pixelproof mock."""

    control: ControlPlane
    currency: Currency
    payers: tuple[Payer, ...]
    _read: dict[str, int] = field(default_factory=dict)

    def new_movements(self) -> Iterator[Movement]:
        """Yield what the ledgers have that was not read yet."""
        for payer in self.payers:
            while True:
                account, after = _account(payer), self._read.get(payer.name, 0)
                page = self.control.ledger(account, after, _PAGE)
                yield from (self._movement(payer.name, entry) for entry in page)
                if page:
                    self._read[payer.name] = int(str(page[-1]["seq"]))
                if len(page) < _PAGE:
                    break

    def hurry(self, seconds: float) -> None:
        """Move the clocks, so that tasks take less real time."""
        for payer in self.payers:
            self.control.advance(_account(payer), seconds)

    def close(self) -> list[Closing]:
        """Let everything fall due, and return what each ledger says of itself."""
        self.hurry(_A_DAY_S)
        return [self._closing(payer) for payer in self.payers]

    def _closing(self, payer: Payer) -> Closing:
        said = self.control.ledger_check(_account(payer))
        sums = {name: self.currency.parse(str(said[name])) for name in ("held", "charged", "refunded")}
        taken = Units(sums["charged"] - sums["refunded"])
        return Closing(account=payer.name, balanced=said.get("balanced") is True, held=sums["held"], taken=taken)

    def _movement(self, name: str, entry: Mapping[str, Json]) -> Movement:
        return Movement(
            account=name,
            kind=str(entry["kind"]),
            amount=self.currency.parse(str(entry["amount"])),
            left=self.currency.parse(str(entry["balance_after"])),
            request=_text(entry.get("request_id")),
            task=_text(entry.get("task_id")),
        )


def opened(control: ControlPlane, contract: Contract, count: int, dearest: Units) -> tuple[Payer, ...]:
    """Open ``count`` accounts without limits, the last of them with little money."""
    currency = contract.billing.currency
    limits: dict[str, Json] = dict.fromkeys(contract.limits)
    payers = []
    for number in range(count):
        is_scarce = number == count - 1 and count > 1
        balance = Units(dearest * _SCARCE) if is_scarce else currency.parse(_PLENTY)
        account = control.open_account({"balance": currency.format(balance), "limits": limits})
        payers.append(Payer(name=f"payer-{number}", key=account.key, account=account.id, scarce=is_scarce))
    return tuple(payers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purses:
    """Wallets of a target that shows only balances."""

    levers: Levers
    payers: tuple[Payer, ...]

    def balances(self, *, settled: bool = False) -> dict[str, Units] | None:
        """Return what is in each wallet, None where the target has no way to tell."""
        try:
            return {
                payer.name: self.levers.wallet.balance(Granted(key=payer.key), None, settled=settled)
                for payer in self.payers
            }
        except MissingLever:
            return None


def _account(payer: Payer) -> Account:
    return Account(id=payer.account, key=payer.key)


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None
