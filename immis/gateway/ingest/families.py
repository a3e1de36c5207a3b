"""The checksum rule of each family of frames, applied to many at once."""

import numpy

from immis.gateway.protocols.checksums import ChecksumBook
from immis.gateway.protocols.digits import Array
from immis.gateway.protocols.many.checksum_columns import WAYS, agree
from immis.gateway.protocols.many.columns import Columns

_MOST = 20_000


class FamilyBook:
    """Names of families by the number of their first fields, over the rules that were learned."""

    def __init__(self, checksums: ChecksumBook) -> None:
        self._checksums = checksums
        self._names: dict[int, str] = {}

    def judge(self, x: Columns, buffer: Array, starts: Array, ends: Array) -> tuple[Array, Array]:
        """Of each sure row, whether its checksum is wrong, and whether its family is settled.

        Frames of a family still being learned, or held to a rule that only the plain way knows, are not settled.
        """
        mismatched, settled = numpy.zeros(len(starts), dtype=bool), numpy.zeros(len(starts), dtype=bool)
        sure = numpy.flatnonzero(x.sure)
        known, inverse = numpy.unique(x.family[sure], return_inverse=True)
        order = numpy.argsort(inverse, kind="stable")
        bounds = numpy.searchsorted(inverse[order], numpy.arange(len(known) + 1))
        by_rule: dict[str, list[Array]] = {}
        for i, number in enumerate(known.tolist()):
            rows = sure[order[bounds[i] : bounds[i + 1]]]
            name = self._name(number, x, buffer, starts, int(rows[0]))
            standing = self._checksums.standing(name)
            settled[rows] = standing == "none" or standing in WAYS
            if standing in WAYS:
                by_rule.setdefault(standing, []).append(rows)
        for rule, parts in by_rule.items():
            rows = numpy.concatenate(parts)
            mismatched[rows] = ~agree(rule, buffer, starts[rows], ends[rows])
        return mismatched, settled

    def _name(self, number: int, x: Columns, buffer: Array, starts: Array, row: int) -> str:
        name = self._names.get(number)
        if name is None:
            head = buffer[starts[row] + 1 : x.head_end[row] - 1].tobytes().decode("latin-1")
            results = [part.strip() for part in head.split(",")]
            plan = x.plans[int(x.plan[row])]
            word = next((text for text in results[:2] if text), "")
            vendor = results[plan.type_code - 2] if plan.type_code > 1 else ""
            name = f"{vendor}|{word}|{results[plan.type_code - 1]}"[:80]
            if len(self._names) >= _MOST:
                self._names.clear()
            self._names[number] = name
        return name
