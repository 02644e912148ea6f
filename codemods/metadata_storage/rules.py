"""The rules: each turns a site into a verdict. Their docstrings are what `explain` prints."""

from __future__ import annotations

from typing import Any

from tree_sitter import Node

from codemods.metadata_storage import plans
from codemods.metadata_storage.aliases import escape_of
from codemods.metadata_storage.forms import (
    copied_from,
    increment_of,
    is_first,
    is_mapping,
    is_number,
    metadata_of_other,
    unwrapped_value,
    update_mapping,
)
from codemods.metadata_storage.groups import (
    AppendGroup,
    CopyLoop,
    append_by_default,
    arguments_of,
    assigned_value,
    key_of,
)
from codemods.metadata_storage.order import is_inert, runs_code
from codemods.metadata_storage.proofs import (
    Problem,
    comment_problem,
    comments_between,
    implements,
    late_lookup_problem,
    lost_writes,
    order_problem,
    prints_itself,
    problem_of,
    read_problem,
    short,
    value_problem,
)
from codemods.metadata_storage.proposals import (
    call_source,
    propagate_source,
    receiver_name,
    review,
    review_at,
    rewrite,
    skip,
)
from codemods.metadata_storage.sites import (
    Site,
    enclosing_function,
)
from codemods.metadata_storage.uses import (
    Kind,
    identifiers_in,
    statement_of,
)
from migrate.codemod import Proposal, Rule
from migrate.model import Span
from migrate.syntax import ancestors, parts, span, text_of


def assign(site: Site) -> Proposal:
    """`ctx.metadata[K] = V` becomes `self.store_metadata_result(ctx, K, V)`.

    One target, a statement of its own. A value `V.model_dump()`, with or without `mode='json'`
    and `exclude_none=True`, becomes `V`: the method serialises it the same way, except that
    `None` fields are then always left out. Python evaluates V before K, the call K before V, so a
    key that runs code, or a value that could change the key, is left for review
    (`evaluation-order`).
    """
    key, value = key_of(site), assigned_value(site)
    assert key is not None
    assert value is not None
    unwrapped, note = unwrapped_value(site, value)
    call = call_source(site, site.options.store, key, unwrapped)
    names = ("context", "key", "value")
    problem = problem_of(site, site.options.store, names)
    if problem is None:
        problem = order_problem(site, key, value) or value_problem(site, value)
    if problem is None:
        problem = comment_problem(site.use.node, (site.context, key, unwrapped))
    if problem is not None:
        suggestion = call
        if problem[0] == "evaluation-order":
            suggestion = f"value = {site.source(unwrapped)}\n" + call_source(
                site, site.options.store, key, "value"
            )
        return review(site, "assign", site.use.node, problem, suggestion)
    plan = plans.Store(receiver_name(site), site.options.store, unwrap=unwrapped != value)
    message = f"Stored through {site.options.store}, which also makes the value serialisable."
    return rewrite("assign", span(site.use.node), plan, (note or message) + lost_writes(site))


def update(site: Site) -> Proposal:
    """`ctx.metadata.update(M)` becomes `self.store_metadata_batch(ctx, M)`.

    M must be known to be a mapping (`mapping-unknown`): a dictionary display or comprehension,
    `dict(...)`, or a name whose annotation or assignment says so. Keyword arguments become a
    dictionary display.
    """
    statement = statement_of(site.use.node)
    given, display = update_mapping(site)
    problem = problem_of(site, site.options.store_batch, ("context", "data"))
    if given is None and display is None:
        problem = problem or (
            "unsupported-form",
            "These arguments of update do not make one dictionary.",
        )
    elif statement == site.use.node:
        problem = problem or ("unsupported-form", "The value of update is used.")
    if given is not None and metadata_of_other(site, given):
        problem = problem or _COPIES
    elif given is not None and not is_mapping(site, given):
        problem = problem or (
            "mapping-unknown",
            f"Nothing says that {short(site.source(given))} is a mapping with items().",
        )
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    problem = problem or late_lookup_problem(site, arguments)
    problem = problem or comment_problem(site.use.node, (site.context, arguments))
    if problem is not None:
        mapping = display or site.source(given)
        suggestion = call_source(site, site.options.store_batch, mapping) if mapping else None
        rule = "update"
        if problem is _COPIES and given is not None:
            rule, suggestion = "copy", propagate_source(site, given)
        return review(site, rule, statement, problem, suggestion)
    plan = plans.Batch(receiver_name(site), site.options.store_batch, display=given is None)
    message = f"Stored through {plan.method}." + lost_writes(site)
    return rewrite("update", span(site.use.node), plan, message)


def get(site: Site) -> Proposal:
    """`ctx.metadata.get(K)` and `.get(K, D)` become `self.get_metadata_value(ctx, K[, D])`.

    Anywhere in an expression. Outside an agent's method there is nothing to call instead, and
    the read is skipped.
    """
    call = site.use.node
    given = arguments_of(site.use.call)
    if (problem := read_problem(site)) is not None:
        return skip("get", call, problem)
    usual = given is not None and 1 <= len(given) <= 2
    count_given = len(given) if given is not None and usual else 2
    problem = problem_of(site, site.options.get, ("context", "key", "default"), given=count_given)
    if not usual:
        problem = problem or ("unsupported-form", "dict.get takes one or two plain arguments.")
    elif prints_itself(call):
        problem = problem or ("unsupported-form", "The f-string prints the source of this.")
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    problem = problem or late_lookup_problem(site, arguments)
    problem = problem or comment_problem(call, (site.context, arguments))
    if problem is not None:
        suggestion = call_source(site, site.options.get, *(given or ())) if usual else None
        return review(site, "get", call, problem, suggestion)
    plan = plans.Get(receiver_name(site), site.options.get)
    return rewrite("get", span(call), plan, f"Read through {plan.method}.")


def append(site: Site) -> Proposal:
    """Appending to a list that is made on first use becomes one `append_metadata_list(ctx, K, V)`.

    That is `if K not in ctx.metadata: ctx.metadata[K] = []` followed directly by
    `ctx.metadata[K].append(V)`, or `ctx.metadata.setdefault(K, []).append(V)`. Where the class
    has no such method, review (`method-missing`). A bare `ctx.metadata[K].append(V)` fails
    where there is no list yet, which the method would hide (`raises-if-absent`).
    """
    parts = append_by_default(site)
    if parts is None:
        key = key_of(site)
        given = arguments_of(site.use.call) or []
        sources = [site.source(node) for node in (key, *given)]
        problem = problem_of(site) or (
            "raises-if-absent",
            "This fails where the list is not there yet; appending through the method would not.",
        )
        return review(
            site, "append", site.use.node, problem, call_source(site, site.options.append, *sources)
        )
    statement, key, value = parts
    plan = plans.AppendDefault(receiver_name(site), site.options.append)
    return _append(site, span(statement), statement, key, value, plan)


def append_pair(group: AppendGroup) -> Proposal:
    """The initialise-then-append idiom, as one site."""
    site = group.site
    plan = plans.AppendPair(receiver_name(site), site.options.append)
    holder = site.metadata
    for ancestor in ancestors(site.metadata):
        holder = ancestor
        if span(ancestor).contains(group.span):
            break
    return _append(site, group.span, holder, group.key, group.value, plan)


def _append(site: Site, where: Span, node: Node, key: Node, value: Node, plan: Any) -> Proposal:
    problem = problem_of(site, site.options.append, ("context", "key", "value"))
    several = isinstance(plan, plans.AppendPair) and runs_code(site.context)
    if problem is None and (several or runs_code(key) or not is_inert(site.view, value)):
        problem = (
            "evaluation-order",
            "Some of it may run code, or look at the list, which is not there yet in a call.",
        )
    if problem is None and isinstance(plan, plans.AppendDefault):
        problem = comment_problem(node, (site.context, key, value))
    if problem is None and isinstance(plan, plans.AppendPair):
        problem = comments_between(node, where, value)
    suggestion = call_source(site, site.options.append, key, value)
    if problem is not None:
        return review_at(site, "append", where, problem, suggestion)
    return rewrite("append", where, plan, f"Appended through {plan.method}.")


def count(site: Site) -> Proposal:
    """Counting from zero becomes `self.increment_metadata_counter(ctx, K, N)`.

    That is `ctx.metadata[K] = ctx.metadata.get(K, 0) + N`, in either order of the operands.
    `ctx.metadata[K] += N` fails where there is no counter yet,
    which the method would hide (`raises-if-absent`).
    """
    key, value = key_of(site), assigned_value(site)
    amount = increment_of(site, value) if value is not None else None
    method = site.options.increment
    problem = problem_of(site, method, ("context", "key", "amount"))
    if amount is None:
        assignment = site.use.node.named_children[0]
        amount = assignment.child_by_field_name("right")
        problem = problem_of(site) or (
            "raises-if-absent",
            "This fails where there is no counter yet; counting through the method would not.",
        )
    assert key is not None
    assert amount is not None
    several = runs_code(site.context) or runs_code(key)
    if problem is None and (several or not is_inert(site.view, amount)):
        problem = ("evaluation-order", "Some of it may run code, and now does so in another order.")
    if problem is None and is_first(amount) and not is_number(site, amount):
        problem = ("evaluation-order", "The operands would change places, which lists would show.")
    problem = problem or comment_problem(site.use.node, (site.context, key, amount))
    if problem is not None:
        suggestion = call_source(site, method, key, amount)
        return review(site, "count", site.use.node, problem, suggestion)
    plan = plans.Increment(receiver_name(site), method, amount_first=is_first(amount))
    return rewrite("count", span(site.use.node), plan, f"Counted through {method}.")


_COPIES: Problem = (
    "copies-between-contexts",
    "This copies from one context's metadata to another's.",
)


def copy(site: Site) -> Proposal:
    """Copying items from one context's metadata to another's.

    Review (`copies-between-contexts`), with `propagate_metadata` as the suggestion. A loop over
    `.items()` that copies everything unconditionally is rewritten where the method exists.
    """
    value, key = assigned_value(site), key_of(site)
    assert value is not None
    assert key is not None
    source = copied_from(site, value)
    suggestion = None
    if source is not None:
        keys = f", keys=[{site.source(key)}]"
        suggestion = propagate_source(site, source, keys)
    problem = problem_of(site) or _COPIES
    receiver, method = site.receiver, site.options.propagate
    if problem is _COPIES and receiver and not site.view.project.method(receiver.owner, method):
        reason, message = _COPIES
        problem = (reason, f"{message} {receiver.owner.name} has no method {method} yet.")
    return review(site, "copy", site.use.node, problem, suggestion)


def copy_all(loop: CopyLoop) -> Proposal | None:
    """The loop as one call, or None where that is not proven."""
    source, target = loop.source, loop.target
    if source.source(source.context) == target.source(target.context):
        return None
    method = source.options.propagate
    problem = (
        problem_of(source, method, ("source", "target"))
        or problem_of(target)
        or comment_problem(loop.loop, (source.context, target.context))
    )
    left = loop.loop.child_by_field_name("left")
    names = {text_of(child) for child in left.named_children} if left is not None else set()
    function = enclosing_function(loop.loop)
    used = [
        node
        for name in names
        for node in identifiers_in(function, name)
        if not span(loop.loop).contains(span(node))
    ]
    plain = all(
        node.type in ("identifier", "attribute") for node in (source.context, target.context)
    )
    if problem is not None or used or not plain or implements(source):
        return None
    plan = plans.Propagate(receiver_name(source), method)
    return rewrite("copy", span(loop.loop), plan, f"Copied through {method}.")


def replace(site: Site) -> Proposal:
    """`ctx.metadata = X` drops what was stored before.

    Review (`replaces-metadata`): whoever wrote it has to say whether that was meant.
    """
    problem = problem_of(site) or (
        "replaces-metadata",
        "This drops all that was stored before, and other names for the old dictionary keep it.",
    )
    value = assigned_value(site)
    suggestion = None
    if value is not None and value.type == "dictionary" and parts(value):
        suggestion = call_source(site, site.options.store_batch, value)
    return review(site, "replace", site.use.node, problem, suggestion)


def remove(site: Site) -> Proposal:
    """`del ctx.metadata[K]`, `.pop`, `.popitem`, `.clear`: the base agent has no method for it.

    Review (`removes-metadata`).
    """
    problem = problem_of(site) or (
        "removes-metadata",
        "This removes what was stored; the base agent has no method for that.",
    )
    return review(site, "remove", statement_of(site.use.node), problem, None)


def mutate(site: Site) -> Proposal:
    """Every other way to change a context's metadata.

    Review (`unsupported-form`): `setdefault`, `|=` and other augmented assignment, chained,
    annotated or tuple targets, slices, nested items `ctx.metadata[A][B] = V`, `.extend`,
    `setattr`.
    """
    problem = problem_of(site) or (
        "unsupported-form",
        "This changes the metadata in a way that none of the agent's methods does.",
    )
    return review(site, "mutate", statement_of(site.use.node), problem, None)


def alias(site: Site) -> Proposal:
    """`name = ctx.metadata`, and passing `ctx.metadata` on.

    Review (`aliased`) where the name is written through later in the function, or leaves it; a
    name that is only read is skipped (`read-only`).
    """
    if site.use.kind is Kind.ALIAS and (why := escape_of(site)) is None:
        return skip("alias", site.use.node, ("read-only", "This name is only read from."))
    if site.use.kind is Kind.LEAVES:
        why = "The dictionary itself is passed on, and may be written to there."
    problem = problem_of(site) or ("aliased", why or "")
    return review(site, "alias", site.use.node, problem, None)


def item(site: Site) -> Proposal:
    """Reading `ctx.metadata[K]`.

    Review (`raises-if-absent`): a `get` would hide that the key is missing.
    """
    if (problem := read_problem(site)) is not None:
        return skip("item", site.use.node, problem)
    key = key_of(site)
    suggestion = call_source(site, site.options.get, key) if key is not None else None
    problem = ("raises-if-absent", "This fails where the key is missing; a get would hide that.")
    return review(site, "item", site.use.node, problem, suggestion)


def read(site: Site) -> Proposal:
    """`in`, iteration, `.items()`, `len`, truth, formatting: these stay, and are skipped."""
    problem = read_problem(site) or ("read-only", "This only reads the dictionary.")
    return skip("read", site.use.node, problem)


RULES = tuple(
    Rule.of(function.__name__, function)
    for function in (
        assign,
        update,
        get,
        append,
        count,
        copy,
        replace,
        remove,
        mutate,
        alias,
        item,
        read,
    )
)
