"""Which requests work at one provider and break at another, what each costs, and what a caller must change.

Pure: two contracts in, one frozen answer out. Nothing is sent.
"""

from __future__ import annotations

from pixelproof.porting.change import Change, Effect, Topic
from pixelproof.porting.pairing import ModelPair
from pixelproof.porting.port import Port, PortRequest, port
from pixelproof.porting.prices import Price, PricePair
from pixelproof.porting.trial import Outcome, Refused, Trial

__all__ = [
    "Change",
    "Effect",
    "ModelPair",
    "Outcome",
    "Port",
    "PortRequest",
    "Price",
    "PricePair",
    "Refused",
    "Topic",
    "Trial",
    "port",
]
