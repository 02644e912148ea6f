"""The proposals of several renames for one file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrate.codemod import Proposal
from migrate.model import Span, Status

_RANK = {Status.REWRITE: 0, Status.REVIEW: 1, Status.SKIP: 2}


def surest(proposals: Iterable[Proposal]) -> Iterator[Proposal]:
    """One proposal for each site: a rewrite before a review, a review before a skip."""
    found: dict[Span, Proposal] = {}
    for proposal in proposals:
        other = found.get(proposal.span)
        if other is None or _RANK[proposal.status] < _RANK[other.status]:
            found[proposal.span] = proposal
    return iter(found.values())
