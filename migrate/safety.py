"""The proofs that a rewritten file must pass. Each is independent of how the rewrite was made."""

from __future__ import annotations

import builtins
import re
import symtable
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from migrate import syntax
from migrate.model import Edit
from migrate.text import DecodeError, SourceText

_BUILTINS = frozenset(dir(builtins)) | {
    "__file__",
    "__name__",
    "__doc__",
    "__path__",
    "__spec__",
    "__loader__",
    "__package__",
    "__builtins__",
    "__annotations__",
    "__class__",
}
_T = TypeVar("_T")
_UNKNOWN_FEATURE = re.compile(r"future feature (\w+) is not defined")
_ENDINGS = re.compile(rb"\r\n|\r|\n")


class ProofError(Exception):
    """A proof that failed: its name, and what it saw."""

    def __init__(self, proof: str, message: str, line: int | None = None) -> None:
        """Name the proof; `line` counts from 1 in the file as it was."""
        super().__init__(f"{proof}: {message}")
        self.proof = proof
        self.line = line


@dataclass(frozen=True, slots=True)
class Fault:
    """Where and why a text is no Python; `line` counts from 1."""

    line: int
    message: str


def prove(before: bytes, after: bytes, edits: Sequence[Edit]) -> None:
    """Hold a result against what it was made from; raises ProofError at the first fault.

    Names are a proof of their own. `before` and `after` are whole files as they are on disk;
    `edits` are what was reported. `before` must be Python, maybe newer than what runs here.
    """
    try:
        old, new = SourceText.decode(before), SourceText.decode(after)
    except DecodeError as error:
        raise ProofError("encoding", str(error)) from None
    if (old.encoding, old.bom) != (new.encoding, new.bom):
        raise ProofError("encoding", f"was {old.encoding}, would be {new.encoding}")
    _prove_only_edits(old, new, edits)
    _prove_line_endings(old, new)
    _prove_parses(old, new)


def _prove_only_edits(old: SourceText, new: SourceText, edits: Sequence[Edit]) -> None:
    """Every byte outside the edits is where it was, and the edits are what they say."""
    behind, ahead = 0, 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        kept = old.utf8[behind : edit.span.start]
        if edit.span.start < behind or not new.utf8.startswith(kept + edit.replacement, ahead):
            raise ProofError("other-bytes", "an edit overlaps another, or is not what it says")
        behind, ahead = edit.span.end, ahead + len(kept) + len(edit.replacement)
    if old.utf8[behind:] != new.utf8[ahead:]:
        raise ProofError("other-bytes", "something changed outside the reported sites")


def _prove_line_endings(old: SourceText, new: SourceText) -> None:
    known, used = set(_ENDINGS.findall(old.utf8)), set(_ENDINGS.findall(new.utf8))
    if known and not used <= known:
        raise ProofError("line-endings", "a line ending that the file did not have")


def _prove_parses(old: SourceText, new: SourceText) -> None:
    """The result is Python."""
    error = syntax.first_error(syntax.parse(new))
    if error is not None:
        raise ProofError("parses", "the result would not parse", error.start_point.row + 1)
    after = _compiled(new)
    # Maybe newer than what runs here, as before.
    if isinstance(after, Fault) and not isinstance(_compiled(old), Fault):
        raise ProofError("parses", f"the result would not compile: {after.message}", after.line)


def prove_names(before: bytes, after: bytes) -> None:
    """Hold the names of a result against what it was made from; raises ProofError.

    No name may be unbound that was bound. Both are whole files that passed the other proofs.
    """
    old, new = SourceText.decode(before), SourceText.decode(after)
    result = _compiled(new)
    unbound = frozenset() if isinstance(result, Fault) else _unbound_names(result)
    if not isinstance(result, Fault) and not unbound:
        return  # whatever it was before, it could not be better now
    origin = _compiled(old)
    if isinstance(result, Fault) or isinstance(origin, Fault):
        _prove_no_new_names(old, new)
        return
    lost = sorted(unbound - _unbound_names(origin))
    if lost:
        raise ProofError("names", f"would be unbound: {', '.join(lost)}")


def fault_of(text: SourceText) -> Fault | None:
    """Why a text is no Python; None if it is, maybe newer than what runs here.

    tree-sitter takes more than Python, and the running Python less than the newest: what it
    refuses, LibCST's grammar decides.
    """
    found = _symbols(text)
    if not isinstance(found, Fault):
        return None
    from migrate.rewrite import parses

    return None if parses(text) else found


def _symbols(text: SourceText) -> symtable.SymbolTable | Fault:
    """The running Python's symbol table of a text, or why it is no Python to it."""
    return _asked(lambda source: symtable.symtable(source, "<module>", "exec"), text)


def _compiled(text: SourceText) -> symtable.SymbolTable | Fault:
    """The same for a text that also compiles: only then is, say, a `return` in its place.

    Compiling runs nothing of the text.
    """
    code = _asked(lambda source: compile(source, "<module>", "exec", dont_inherit=True), text)
    return code if isinstance(code, Fault) else _symbols(text)


def _asked(question: Callable[[str], _T], text: SourceText) -> _T | Fault:
    """What the running Python makes of a text, or why it makes nothing of it.

    Which features can be imported from `__future__` is up to the Python that will run it.
    """
    source = text.utf8.decode()
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return question(source)
        except SyntaxError as error:
            known = _without_feature(source, error)
            if known is None:
                return Fault(error.lineno or 1, error.msg)
            source = known
        except (ValueError, RecursionError, MemoryError) as error:
            return Fault(1, str(error) or "too deeply nested")


def _without_feature(source: str, error: SyntaxError) -> str | None:
    """A source without the feature that Python does not know; None if that is not its fault."""
    unknown = _UNKNOWN_FEATURE.fullmatch(error.msg)
    if unknown is None:
        return None
    statement = re.compile(rf"(\bfrom\s+__future__\s+import\b[^;]*?)\b{unknown[1]}\b")
    known, count = statement.subn(r"\1annotations", source, count=1)
    return known if count else None


def _unbound_names(module: symtable.SymbolTable) -> frozenset[str]:
    """The names that a module uses and that neither it nor Python itself binds."""
    tables = list(_tables(module))
    bound = {symbol.get_name() for symbol in module.get_symbols() if _binds(symbol)}
    for table in tables:
        bound |= {s.get_name() for s in table.get_symbols() if s.is_global() and _binds(s)}
    used = {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or table is module)
    }
    return frozenset(used - bound - _BUILTINS)


def _binds(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _tables(top: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    stack = [top]
    while stack:
        table = stack.pop()
        yield table
        stack.extend(table.get_children())


def _prove_no_new_names(old: SourceText, new: SourceText) -> None:
    """For a file that the running Python cannot compile: the result uses no new plain name."""
    added = sorted(_plain_names(new) - _plain_names(old) - _BUILTINS)
    if added:
        raise ProofError("names", f"may be unbound: {', '.join(added)}")


def _plain_names(text: SourceText) -> set[str]:
    """The identifiers that are no attribute and no keyword of an argument."""
    tree = syntax.parse(text)
    names = syntax.captures("(identifier) @name", tree.root_node).get("name", [])
    return {syntax.text_of(node) for node in names if not syntax.is_label(node)}
