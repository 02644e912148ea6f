"""From direct use of an execution context's `metadata` to the methods of the base agent.

    context.metadata['result'] = value.model_dump(mode='json')
    context.metadata.update(batch)
    context.metadata.get('key', {})

become

    self.store_metadata_result(context, 'result', value)
    self.store_metadata_batch(context, batch)
    self.get_metadata_value(context, 'key', {})

A site is rewritten where the source proves that the object is one of the configured contexts,
that the code runs in a method of an agent, that the agent has the method, and that order and
number of evaluations stay as they are. Every other write is put up for review, with the reason;
reads that have no method to call instead are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from codemods.metadata_storage.decide import inspect
from codemods.metadata_storage.options import Options
from codemods.metadata_storage.rules import RULES
from migrate.codemod import Codemod, Layout
from migrate.model import Span
from migrate.text import whole_words

if TYPE_CHECKING:
    import libcst as cst

_CONTINUED = re.compile(rb"\.[ \t\f]*(?:\\|#.*)?$")
_OWN = re.compile(rb"(?<![\w.])(?:self|cls)\s*\.$")
_LOOK_BACK = 200


def _needles(options: Options) -> tuple[bytes, ...]:
    return (options.attribute.encode(),)


def _may_match(data: bytes, options: Options) -> bool:
    """Whether the attribute is read from something other than `self` and `cls`."""
    return any(
        _may_be_site(data[max(0, at - _LOOK_BACK) : at])
        for at in whole_words(data, options.attribute.encode())
    )


def _may_be_site(before: bytes) -> bool:
    """Whether a word with these bytes before it may be an attribute, or its name in a string."""
    before = before.rstrip(b" \t\f")
    if before.endswith(b"."):
        return _OWN.search(before) is None
    if before.endswith((b"'", b'"')):
        return b"attr" in before
    if before.endswith((b"\n", b"\r")):
        line = before.rstrip(b"\r\n \t\f").rpartition(b"\n")[2]
        return _CONTINUED.search(line) is not None
    return False


def _transformer(plans: Mapping[Span, Any], layout: Layout) -> cst.CSTTransformer:
    from codemods.metadata_storage.transformer import MetadataTransformer

    return MetadataTransformer(plans, layout)


CODEMOD = Codemod(
    id="metadata-storage",
    version=1,
    doc=__doc__,
    rules=RULES,
    options=Options,
    needles=_needles,
    may_match=_may_match,
    inspect=inspect,
    transformer=_transformer,
)
