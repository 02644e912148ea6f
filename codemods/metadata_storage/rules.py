"""The rules: each turns a site into a verdict. Their docstrings are what `explain` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tree_sitter import Node

from codemods.metadata_storage import plans
from codemods.metadata_storage.groups import (
    AppendGroup,
    CopyLoop,
    append_by_default,
    append_groups,
    arguments_of,
    assigned_value,
    copy_loops,
    key_of,
)
from codemods.metadata_storage.options import Options
from codemods.metadata_storage.order import binds, is_stable, looks_nothing_up, runs_code
from codemods.metadata_storage.sites import (
    Site,
    enclosing_function,
    find_sites,
    looks_like_context,
    type_problem,
)
from codemods.metadata_storage.uses import (
    READING_METHODS,
    REMOVING_METHODS,
    Kind,
    classify,
    identifiers_in,
    statement_of,
)
from migrate.codemod import Proposal, Rule
from migrate.model import Span, Status
from migrate.project.facts import Function
from migrate.project.types import ClassObject, ClassRef, External, Instance, without_none
from migrate.syntax import ancestors, descendants, span, text_of
from migrate.view import FileView

Problem = tuple[str, str]


def inspect(view: FileView, options: Options) -> Iterator[Proposal]:
    """Every use of a context's metadata in a file, decided."""
    sites = list(find_sites(view, options))
    taken: set[int] = set()
    for group in append_groups(sites):
        taken.update(site.metadata.start_byte for site in group.members)
        yield append_pair(group)
    for loop in copy_loops(sites):
        proposal = copy_all(loop)
        if proposal is not None:
            taken.update(site.metadata.start_byte for site in (loop.source, loop.target))
            yield proposal
    for site in sites:
        taken.update(node.start_byte for node in _parts(site))
    for site in sites:
        if site.metadata.start_byte not in taken:
            yield _decide(site)


def _parts(site: Site) -> Iterator[Node]:
    """Uses of metadata that belong to the site: the counter that is read, the item that is copied.

    One finding speaks for the whole statement, and no rewrite of a part may change its form.
    """
    if site.use.kind is Kind.METHOD and site.use.method == "update":
        given, _ = _update_mapping(site)
        if given is not None and _metadata_of_other(site, given):
            yield given
        return
    value = assigned_value(site) if site.use.kind is Kind.SET_ITEM else None
    if value is None or key_of(site) is None:
        return
    source, amount = _copied_from(site, value), _increment_of(site, value)
    for attribute in _metadata_attributes(site, value):
        holder = attribute.child_by_field_name("object")
        counts = amount is not None and not span(amount).contains(span(attribute))
        if counts or (source is not None and holder == source):
            yield attribute


def _decide(site: Site) -> Proposal:
    use = site.use
    match use.kind:
        case Kind.SET_ITEM if site.direct and use.direct:
            return _set_item(site)
        case Kind.AUGMENT_ITEM if _adds_number(site):
            return count(site)
        case Kind.DELETE_ITEM | Kind.DELETE:
            return remove(site)
        case Kind.READ_ITEM if site.direct and use.direct:
            return item(site)
        case Kind.CHANGE_ITEM if use.method == "append" and site.direct and use.direct:
            return append(site)
        case Kind.METHOD:
            return _method(site)
        case Kind.REPLACE:
            return replace(site)
        case Kind.TARGET if use.item is None:
            return replace(site)
        case Kind.ALIAS | Kind.LEAVES:
            return alias(site)
        case Kind.READ | Kind.READ_ITEM:
            return read(site)
    return mutate(site)


def _set_item(site: Site) -> Proposal:
    value = assigned_value(site)
    if value is None or key_of(site) is None:
        return mutate(site)
    if _copied_from(site, value) is not None:
        return copy(site)
    if _increment_of(site, value) is not None:
        return count(site)
    return assign(site)


def _method(site: Site) -> Proposal:
    method, direct = site.use.method, site.direct and site.use.direct
    if method == "get" and direct:
        return get(site)
    if method == "update" and direct:
        return update(site)
    if method == "setdefault" and direct and append_by_default(site) is not None:
        return append(site)
    if method in READING_METHODS:
        return read(site)
    if method in REMOVING_METHODS:
        return remove(site)
    return mutate(site)


# The rules


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
    unwrapped, note = _unwrapped(site, value)
    call = _call(site, site.options.store, key, unwrapped)
    names = ("context", "key", "value")
    problem = _problem(site, site.options.store, names)
    if problem is None:
        problem = _order_problem(site, key, value) or _value_problem(site, value)
    if problem is None:
        problem = _comment_problem(site.use.node, (site.context, key, unwrapped))
    if problem is not None:
        suggestion = call
        if problem[0] == "evaluation-order":
            suggestion = f"value = {site.source(unwrapped)}\n" + _call(
                site, site.options.store, key, "value"
            )
        return _review(site, "assign", site.use.node, problem, suggestion)
    plan = plans.Store(_receiver(site), site.options.store, unwrap=unwrapped != value)
    message = f"Stored through {site.options.store}, which also makes the value serialisable."
    return _rewrite("assign", span(site.use.node), plan, note or message)


def update(site: Site) -> Proposal:
    """`ctx.metadata.update(M)` becomes `self.store_metadata_batch(ctx, M)`.

    M must be known to be a mapping (`mapping-unknown`): a dictionary display or comprehension,
    `dict(...)`, or a name whose annotation or assignment says so. Keyword arguments become a
    dictionary display.
    """
    statement = statement_of(site.use.node)
    given, display = _update_mapping(site)
    problem = _problem(site, site.options.store_batch, ("context", "data"))
    if given is None and display is None:
        problem = problem or (
            "unsupported-form",
            "These arguments of update do not make one dictionary.",
        )
    elif statement == site.use.node:
        problem = problem or ("unsupported-form", "The value of update is used.")
    if given is not None and _metadata_of_other(site, given):
        problem = problem or _COPIES
    elif given is not None and not _is_mapping(site, given):
        problem = problem or (
            "mapping-unknown",
            f"Nothing says that {_short(site.source(given))} is a mapping with items().",
        )
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    problem = problem or _late_lookup_problem(site, arguments)
    problem = problem or _comment_problem(site.use.node, (site.context, arguments))
    if problem is not None:
        mapping = display or site.source(given)
        suggestion = _call(site, site.options.store_batch, mapping) if mapping else None
        rule = "update"
        if problem is _COPIES and given is not None:
            rule, suggestion = "copy", _propagate(site, given)
        return _review(site, rule, statement, problem, suggestion)
    plan = plans.Batch(_receiver(site), site.options.store_batch, display=given is None)
    return _rewrite("update", span(statement), plan, f"Stored through {plan.method}.")


def get(site: Site) -> Proposal:
    """`ctx.metadata.get(K)` and `.get(K, D)` become `self.get_metadata_value(ctx, K[, D])`.

    Anywhere in an expression. Outside an agent's method there is nothing to call instead, and
    the read is skipped.
    """
    call = site.use.node
    given = arguments_of(site.use.call)
    if (problem := _read_problem(site)) is not None:
        return _skip("get", call, problem)
    usual = given is not None and 1 <= len(given) <= 2
    count_given = len(given) if given is not None and usual else 2
    problem = _problem(site, site.options.get, ("context", "key", "default"), given=count_given)
    if not usual:
        problem = problem or ("unsupported-form", "dict.get takes one or two plain arguments.")
    elif _prints_itself(call):
        problem = problem or ("unsupported-form", "The f-string prints the source of this.")
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    problem = problem or _late_lookup_problem(site, arguments)
    problem = problem or _comment_problem(call, (site.context, arguments))
    if problem is not None:
        sources = [site.source(argument) for argument in given or ()]
        return _review(site, "get", call, problem, _call(site, site.options.get, *sources))
    plan = plans.Get(_receiver(site), site.options.get)
    return _rewrite("get", span(call), plan, f"Read through {plan.method}.")


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
        problem = _problem(site) or (
            "raises-if-absent",
            "This fails where the list is not there yet; appending through the method would not.",
        )
        return _review(
            site, "append", site.use.node, problem, _call(site, site.options.append, *sources)
        )
    statement, key, value = parts
    plan = plans.AppendDefault(_receiver(site), site.options.append)
    return _append(site, span(statement), statement, key, value, plan)


def append_pair(group: AppendGroup) -> Proposal:
    """The initialise-then-append idiom, as one site."""
    site = group.site
    plan = plans.AppendPair(_receiver(site), site.options.append)
    holder = site.metadata
    for ancestor in ancestors(site.metadata):
        holder = ancestor
        if span(ancestor).contains(group.span):
            break
    return _append(site, group.span, holder, group.key, group.value, plan)


def _append(site: Site, where: Span, node: Node, key: Node, value: Node, plan: Any) -> Proposal:
    problem = _problem(site, site.options.append, ("context", "key", "value"))
    if problem is None and (runs_code(site.view, key) or not looks_nothing_up(value)):
        problem = (
            "evaluation-order",
            "The key or the value may look at the list, which is not there yet in a call.",
        )
    if problem is None and isinstance(plan, plans.AppendDefault):
        problem = _comment_problem(node, (site.context, key, value))
    if problem is None and isinstance(plan, plans.AppendPair):
        problem = _comments_between(node, where, value)
    suggestion = _call(site, site.options.append, key, value)
    if problem is not None:
        return _review_at(site, "append", where, problem, suggestion)
    return _rewrite("append", where, plan, f"Appended through {plan.method}.")


def count(site: Site) -> Proposal:
    """Counting from zero becomes `self.increment_metadata_counter(ctx, K, N)`.

    That is `ctx.metadata[K] = ctx.metadata.get(K, 0) + N`, in either order of the operands.
    `ctx.metadata[K] += N` fails where there is no counter yet,
    which the method would hide (`raises-if-absent`).
    """
    key, value = key_of(site), assigned_value(site)
    amount = _increment_of(site, value) if value is not None else None
    method = site.options.increment
    problem = _problem(site, method, ("context", "key", "amount"))
    if amount is None:
        assignment = site.use.node.named_children[0]
        amount = assignment.child_by_field_name("right")
        problem = _problem(site) or (
            "raises-if-absent",
            "This fails where there is no counter yet; counting through the method would not.",
        )
    assert key is not None
    assert amount is not None
    if problem is None and (runs_code(site.view, key) or runs_code(site.view, amount)):
        problem = ("evaluation-order", "The key or the amount runs code.")
    problem = problem or _comment_problem(site.use.node, (site.context, key, amount))
    if problem is not None:
        suggestion = _call(site, method, key, amount)
        return _review(site, "count", site.use.node, problem, suggestion)
    plan = plans.Increment(_receiver(site), method, amount_first=_is_first(amount))
    return _rewrite("count", span(site.use.node), plan, f"Counted through {method}.")


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
    source = _copied_from(site, value)
    suggestion = None
    if source is not None:
        keys = f", keys=[{site.source(key)}]"
        suggestion = _propagate(site, source, keys)
    return _review(site, "copy", site.use.node, _problem(site) or _COPIES, suggestion)


def copy_all(loop: CopyLoop) -> Proposal | None:
    """The loop as one call, or None where that is not proven."""
    source, target = loop.source, loop.target
    if source.source(source.context) == target.source(target.context):
        return None
    method = source.options.propagate
    problem = (
        _problem(source, method, ("source", "target"))
        or _problem(target)
        or _comment_problem(loop.loop, (source.context, target.context))
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
    if problem is not None or used or not plain or _implements(source):
        return None
    plan = plans.Propagate(_receiver(source), method)
    return _rewrite("copy", span(loop.loop), plan, f"Copied through {method}.")


def replace(site: Site) -> Proposal:
    """`ctx.metadata = X` drops what was stored before.

    Review (`replaces-metadata`): whoever wrote it has to say whether that was meant.
    """
    problem = _problem(site) or (
        "replaces-metadata",
        "This drops all that was stored before, and other names for the old dictionary keep it.",
    )
    value = assigned_value(site)
    suggestion = _call(site, site.options.store_batch, value) if value is not None else None
    return _review(site, "replace", site.use.node, problem, suggestion)


def remove(site: Site) -> Proposal:
    """`del ctx.metadata[K]`, `.pop`, `.popitem`, `.clear`: the base agent has no method for it.

    Review (`removes-metadata`).
    """
    problem = _problem(site) or (
        "removes-metadata",
        "This removes what was stored; the base agent has no method for that.",
    )
    return _review(site, "remove", statement_of(site.use.node), problem, None)


def mutate(site: Site) -> Proposal:
    """Every other way to change a context's metadata.

    Review (`unsupported-form`): `setdefault`, `|=` and other augmented assignment, chained,
    annotated or tuple targets, slices, nested items `ctx.metadata[A][B] = V`, `.extend`,
    `setattr`.
    """
    problem = _problem(site) or (
        "unsupported-form",
        "This changes the metadata in a way that none of the agent's methods does.",
    )
    return _review(site, "mutate", statement_of(site.use.node), problem, None)


def alias(site: Site) -> Proposal:
    """`name = ctx.metadata`, and passing `ctx.metadata` on.

    Review (`aliased`) where the name is written through later in the function, or leaves it; a
    name that is only read is skipped (`read-only`).
    """
    if site.use.kind is Kind.ALIAS and (why := _escapes(site)) is None:
        return _skip("alias", site.use.node, ("read-only", "This name is only read from."))
    if site.use.kind is Kind.LEAVES:
        why = "The dictionary itself is passed on, and may be written to there."
    problem = _problem(site) or ("aliased", why or "")
    return _review(site, "alias", site.use.node, problem, None)


def item(site: Site) -> Proposal:
    """Reading `ctx.metadata[K]`.

    Review (`raises-if-absent`): a `get` would hide that the key is missing.
    """
    if (problem := _read_problem(site)) is not None:
        return _skip("item", site.use.node, problem)
    key = key_of(site)
    suggestion = _call(site, site.options.get, key) if key is not None else None
    problem = ("raises-if-absent", "This fails where the key is missing; a get would hide that.")
    return _review(site, "item", site.use.node, problem, suggestion)


def read(site: Site) -> Proposal:
    """`in`, iteration, `.items()`, `len`, truth, formatting: these stay, and are skipped."""
    problem = _read_problem(site) or ("read-only", "This only reads the dictionary.")
    return _skip("read", site.use.node, problem)


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


# What has to be proven


def _problem(
    site: Site, method: str = "", names: tuple[str, ...] = (), given: int | None = None
) -> Problem | None:
    """The first condition of a rewrite that is not proven; None if all are.

    `names` are the parameters that the target method should have; a call gives `given` arguments
    besides the context, by default all of them.
    """
    if _implements(site):
        return "implementation", "This is the target method itself, or a part of it."
    if (problem := _read_problem(site)) is not None:
        return problem
    assert site.receiver is not None
    if not method:
        return None
    facts = site.facts.method(site.receiver.owner, method)
    owner = site.receiver.owner.name
    if facts is None:
        return "method-missing", f"{owner} has no method {method}."
    if not _fits(facts, names, len(names) if given is None else given + 1):
        return "signature-differs", f"{owner}.{method} has other parameters than expected."
    return None


def _prints_itself(node: Node) -> bool:
    """Whether it stands in an f-string's `{expression=}`."""
    return any(
        ancestor.type == "interpolation" and any(child.type == "=" for child in ancestor.children)
        for ancestor in ancestors(node)
    )


def _read_problem(site: Site) -> Problem | None:
    """The first of the three conditions that reads and writes have in common."""
    if _implements(site):
        return "implementation", "This is the target method itself, or a part of it."
    if (problem := type_problem(site)) is not None:
        return problem
    if site.receiver is None:
        return "no-receiver", "There is no agent here to call a method on."
    if not site.facts.is_agent(site.receiver.owner):
        base = site.options.agent.rpartition(".")[2]
        return "not-an-agent", f"{site.receiver.owner.name} is not below {base}."
    return None


def _implements(site: Site) -> bool:
    receiver = site.receiver
    return (
        receiver is not None
        and site.facts.is_agent(receiver.owner)
        and site.facts.implements(receiver, site.view.path)
    )


def _fits(facts: Function, names: tuple[str, ...], given: int) -> bool:
    """Whether a call with that many arguments binds, each to the parameter of its meaning."""
    own = [parameter.name for parameter in facts.parameters][1:]
    swapped = any(name in own and own.index(name) != at for at, name in enumerate(names[:given]))
    plain = not facts.asynchronous and not {"staticmethod", "classmethod", "property"} & set(
        facts.decorators
    )
    return plain and not swapped and facts.accepts(given, bound=True)


def _order_problem(site: Site, key: Node, value: Node) -> Problem | None:
    """Whether evaluating the context and the key before the value could be observed."""
    view = site.view
    if runs_code(view, key):
        return (
            "evaluation-order",
            "The key runs code, which now happens after the value and would happen before it.",
        )
    used = {text_of(n) for part in (key, site.context) for n in _names(part)}
    if binds(value) & used:
        return "evaluation-order", "The value rebinds a name that the key or the context uses."
    if not runs_code(view, value):
        return None
    for part, what in ((key, "key"), (site.context, "context")):
        if not is_stable(view, part):
            source = _short(site.source(part))
            return (
                "evaluation-order",
                f"The value runs code that could change the {what}, {source}.",
            )
    return None


def _names(node: Node) -> Iterator[Node]:
    return (inner for inner in descendants(node) if inner.type == "identifier")


def _late_lookup_problem(site: Site, arguments: Node | None) -> Problem | None:
    """Whether an argument that runs code could replace the dictionary before it is looked up."""
    if not runs_code(site.view, arguments) or all(
        isinstance(atom, Instance) and _is_frozen(site, atom.cls) for atom in site.type_
    ):
        return None
    return (
        "evaluation-order",
        "An argument runs code, which could put another dictionary in the place of this one.",
    )


def _is_frozen(site: Site, cls: ClassRef | External) -> bool:
    """Whether a class is a frozen dataclass, whose attributes cannot be assigned to."""
    if isinstance(cls, External):
        return False
    decorators = site.view.project.class_facts(cls).decorators
    return any(
        "dataclass" in decorator and "frozen=True" in decorator.replace(" ", "")
        for decorator in decorators
    )


def _value_problem(site: Site, value: Node) -> Problem | None:
    """A class has an unbound model_dump, which the method would call and fail."""
    function = value.child_by_field_name("function") if value.type == "call" else None
    name = value.child_by_field_name("attribute") if value.type == "attribute" else function
    if name is not None and text_of(name) in ("type", "__class__"):
        return "unsupported-form", "The value is a class, not an object of one."
    if value.type not in ("identifier", "attribute"):
        return None
    type_ = site.view.type_of(value)
    if any(isinstance(atom, ClassObject) and isinstance(atom.cls, ClassRef) for atom in type_):
        return "unsupported-form", "The value is a class, not an object of one."
    return None


def _comment_problem(node: Node, kept: tuple[Node | None, ...]) -> Problem | None:
    """Comments inside the site that none of the parts that stay would carry along."""
    spans = [span(part) for part in kept if part is not None]
    for inner in descendants(node):
        if inner.type == "comment" and not any(each.contains(span(inner)) for each in spans):
            return "unsupported-form", "A comment in the middle of it would be lost."
    return None


def _comments_between(node: Node, where: Span, value: Node) -> Problem | None:
    for inner in descendants(node):
        inside = inner.type == "comment" and where.contains(span(inner))
        if inside and not span(value).contains(span(inner)):
            return "unsupported-form", "A comment in the middle of it would be lost."
    return None


# What the sources say


def _unwrapped(site: Site, value: Node) -> tuple[Node, str | None]:
    """The object of `object.model_dump(...)` if the method dumps it the same; else the value."""
    function = value.child_by_field_name("function") if value.type == "call" else None
    name = function.child_by_field_name("attribute") if function is not None else None
    holder = function.child_by_field_name("object") if function is not None else None
    arguments = value.child_by_field_name("arguments") if function is not None else None
    if name is None or holder is None or arguments is None or text_of(name) != "model_dump":
        return value, None
    given = ["".join(text_of(child).split()) for child in arguments.named_children]
    plain = {text.replace('"', "'") for text in given}
    if not plain <= {"mode='json'", "exclude_none=True"} or len(plain) != len(given):
        return value, None
    if plain == {"exclude_none=True"} or not _dumps_as_expected(site, holder):
        return value, None
    if _comment_problem(value, (holder,)) is not None:
        return value, None
    if "exclude_none=True" in plain:
        return holder, None
    note = (
        f"Stored through {site.options.store}: dates become JSON strings, and fields that are "
        "None are now left out."
    )
    return holder, note


def _dumps_as_expected(site: Site, holder: Node) -> bool:
    """Whether nothing is known against `holder.model_dump(mode='json', exclude_none=True)`."""
    for atom in without_none(site.view.type_of(holder)):
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassRef):
            own = site.view.project.method(atom.cls, "model_dump")
            names = {parameter.name for parameter in own.parameters} if own else {"mode"}
            flexible = own is None or any(p.kind == "var-keyword" for p in own.parameters)
            if not flexible and not {"mode", "exclude_none"} <= names:
                return False
    return True


def _adds_number(site: Site) -> bool:
    assignment = site.use.node.named_children[0] if site.use.node.named_children else None
    if assignment is None or assignment.type != "augmented_assignment" or not site.direct:
        return False
    operator = assignment.child_by_field_name("operator")
    amount = assignment.child_by_field_name("right")
    is_number = amount is not None and amount.type in ("integer", "float")
    return (
        operator is not None
        and text_of(operator) == "+="
        and is_number
        and key_of(site) is not None
    )


def _increment_of(site: Site, value: Node) -> Node | None:
    """The N of `ctx.metadata.get(K, 0) + N`, for the same context and key; else None."""
    while value.type == "parenthesized_expression" and len(value.named_children) == 1:
        value = value.named_children[0]
    operator = value.child_by_field_name("operator")
    left, right = value.child_by_field_name("left"), value.child_by_field_name("right")
    if value.type != "binary_operator" or operator is None or text_of(operator) != "+":
        return None
    key = key_of(site)
    expected = f"{site.source(site.metadata)}.get({site.source(key)},0)"
    for counter, amount in ((left, right), (right, left)):
        if counter is not None and _squeezed(site.source(counter)) == _squeezed(expected):
            return amount
    return None


def _is_first(amount: Node) -> bool:
    parent = amount.parent
    return parent is not None and parent.child_by_field_name("left") == amount


def _squeezed(source: str) -> str:
    return "".join(source.split())


def _copied_from(site: Site, value: Node) -> Node | None:
    """The other context whose metadata an assigned value comes from; else None."""
    for attribute in _metadata_attributes(site, value):
        holder = attribute.child_by_field_name("object")
        use = classify(attribute)
        whole = use.node == value or (use.call == value and use.method == "get")
        if holder is not None and whole and _is_other_context(site, holder):
            return holder
    if value.type != "identifier":
        return None
    for loop in ancestors(site.metadata):
        if loop.type in ("function_definition", "class_definition"):
            return None
        left, right = loop.child_by_field_name("left"), loop.child_by_field_name("right")
        if loop.type != "for_statement" or left is None or right is None:
            continue
        if text_of(value) in {text_of(n) for n in _names(left)}:
            for attribute in _metadata_attributes(site, right):
                holder = attribute.child_by_field_name("object")
                if holder is not None and _is_other_context(site, holder):
                    return holder
    return None


def _metadata_attributes(site: Site, node: Node) -> Iterator[Node]:
    for inner in descendants(node):
        name = inner.child_by_field_name("attribute") if inner.type == "attribute" else None
        if name is not None and text_of(name) == site.options.attribute:
            yield inner


def _is_other_context(site: Site, holder: Node) -> bool:
    if site.source(holder) == site.source(site.context) or text_of(holder) in ("self", "cls"):
        return False
    type_ = without_none(site.view.type_of(holder))
    known = any(isinstance(atom, Instance) and site.facts.is_context(atom.cls) for atom in type_)
    return known or looks_like_context(holder)


def _metadata_of_other(site: Site, mapping: Node) -> bool:
    name = mapping.child_by_field_name("attribute") if mapping.type == "attribute" else None
    holder = mapping.child_by_field_name("object") if mapping.type == "attribute" else None
    is_metadata = name is not None and text_of(name) == site.options.attribute
    return is_metadata and holder is not None and _is_other_context(site, holder)


def _update_mapping(site: Site) -> tuple[Node | None, str | None]:
    """The one mapping that `update` is given, or its keyword arguments as a display."""
    arguments = site.use.call.child_by_field_name("arguments") if site.use.call else None
    if arguments is None or arguments.type != "argument_list":
        return None, None
    given = [child for child in arguments.named_children if child.type != "comment"]
    positional = arguments_of(site.use.call)
    if positional is not None:
        return (positional[0], None) if len(positional) == 1 else (None, None)
    if len(given) == 1 and given[0].type == "dictionary_splat":
        return None, f"{{{site.source(given[0])}}}"
    if not given or any(child.type != "keyword_argument" for child in given):
        return None, None
    items = []
    for child in given:
        name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
        items.append(f"{site.source(name)!r}: {site.source(value)}")
    return None, "{" + ", ".join(items) + "}"


_MAPPINGS = frozenset(
    ["dict", "Dict", "Mapping", "MutableMapping", "DefaultDict", "defaultdict", "OrderedDict"]
)


def _is_mapping(site: Site, node: Node) -> bool:
    if node.type in ("dictionary", "dictionary_comprehension"):
        return True
    if node.type == "parenthesized_expression" and len(node.named_children) == 1:
        return _is_mapping(site, node.named_children[0])
    type_ = site.view.type_of(node)
    return bool(type_) and all(
        isinstance(atom, Instance) and isinstance(atom.cls, External) and atom.cls.name in _MAPPINGS
        for atom in type_
    )


def _escapes(site: Site) -> str | None:
    """How a local name for the dictionary is written through or leaves; None if it does not."""
    name = _alias_name(site.use.node)
    if name is None:
        return "The dictionary gets another name."
    for node in identifiers_in(enclosing_function(site.metadata), text_of(name)):
        if node == name or _is_binding(node):
            continue
        kind = classify(node).kind
        use = classify(node)
        line = site.view.text.position(node.start_byte).line
        if kind is Kind.METHOD and use.method not in READING_METHODS:
            return f"{text_of(name)} is changed in line {line}."
        if kind in (Kind.LEAVES, Kind.ALIAS):
            return f"{text_of(name)} is passed on in line {line}."
        if kind not in (Kind.READ, Kind.READ_ITEM, Kind.METHOD, Kind.REPLACE):
            return f"{text_of(name)} is changed in line {line}."
    return None


def _is_binding(node: Node) -> bool:
    """Whether the identifier is a parameter or another binding, not a use."""
    parent = node.parent
    if parent is None:
        return False
    return parent.type in ("parameters", "lambda_parameters", "global_statement") or (
        parent.type in ("typed_parameter", "default_parameter", "named_expression")
        and parent.named_children[0] == node
    )


def _alias_name(node: Node) -> Node | None:
    target = node.named_children[0] if node.type == "expression_statement" else node
    name = target.child_by_field_name("left") or target.child_by_field_name("name")
    return name if name is not None and name.type == "identifier" else None


# Proposals


def _receiver(site: Site) -> str:
    return site.receiver.name if site.receiver is not None else "agent"


def _call(site: Site, method: str, *arguments: Node | str | None) -> str:
    """The source of the call that a person would write."""
    in_agent = site.receiver is not None and site.facts.is_agent(site.receiver.owner)
    receiver = _receiver(site) if in_agent else "agent"
    sources = [a if isinstance(a, str) else site.source(a) for a in arguments]
    return f"{receiver}.{method}({', '.join([site.source(site.context), *sources])})"


def _propagate(site: Site, source: Node, more: str = "") -> str:
    holder = source
    if source.type == "attribute" and site.source(source).endswith(f".{site.options.attribute}"):
        holder = source.child_by_field_name("object") or source
    in_agent = site.receiver is not None and site.facts.is_agent(site.receiver.owner)
    receiver = _receiver(site) if in_agent else "agent"
    contexts = f"{site.source(holder)}, {site.source(site.context)}"
    return f"{receiver}.{site.options.propagate}({contexts}{more})"


def _short(source: str) -> str:
    flat = " ".join(source.split())
    return flat if len(flat) <= 60 else flat[:57] + "..."


def _rewrite(rule: str, where: Span, plan: plans.Plan, message: str) -> Proposal:
    return Proposal(rule, where, Status.REWRITE, message, plan=plan)


def _review(
    site: Site, rule: str, node: Node, problem: Problem, suggestion: str | None
) -> Proposal:
    return _review_at(site, rule, span(node), problem, suggestion)


def _review_at(
    site: Site, rule: str, where: Span, problem: Problem, suggestion: str | None
) -> Proposal:
    reason, message = problem
    if reason == "implementation":
        return Proposal(rule, where, Status.SKIP, message, reason)
    return Proposal(rule, where, Status.REVIEW, message, reason, suggestion)


def _skip(rule: str, node: Node, problem: Problem) -> Proposal:
    reason, message = problem
    return Proposal(rule, span(node), Status.SKIP, message, reason)
