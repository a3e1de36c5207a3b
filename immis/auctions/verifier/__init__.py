"""Replays the published audit document of an auction without any of the engine's code.

Standard library only: read the events, follow the chain, apply the rules that the
closing event states, and see whether the same winner comes out.
"""

from immis.auctions.verifier.replay import FORMAT, verify
from immis.auctions.verifier.report import Report
from immis.auctions.verifier.signature import head_is_signed

__all__ = [
    "FORMAT",
    "Report",
    "head_is_signed",
    "verify",
]
