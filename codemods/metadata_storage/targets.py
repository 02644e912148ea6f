"""The methods that sites are to call: whether a class has them, and which code is part of them."""

from __future__ import annotations

from tree_sitter import Node

from codemods.metadata_storage.sites import Site, looks_like_context_name
from migrate.project.facts import BindingKind, Function
from migrate.project.types import ClassRef
from migrate.syntax import ancestors, captures

_HARMLESS_DECORATORS = frozenset({"abstractmethod", "final", "override"})


def target_problem(
    site: Site, cls: ClassRef, method: str, names: tuple[str, ...], given: int | None
) -> tuple[str, str] | None:
    """Why a call of the method on objects of the class is not known to do what it should.

    `names` are the parameters that it should have; a call gives `given` arguments besides the
    context, by default all of them. None if all is well.
    """
    project = site.view.project
    found = project.find_member(cls, method)
    if found is None:
        return "method-missing", f"{cls.name} has no method {method}."
    if project.members.instance_attribute(cls, method):
        return "method-missing", f"{cls.name} puts something else in the place of {method}."
    owner, _ = found
    if not project.hierarchy.is_certain(cls, owner):
        return (
            "signature-differs",
            f"A base class of {cls.name} that cannot be read may have a {method} of its own.",
        )
    arguments = len(names) if given is None else given + 1
    for binding in project.class_facts(owner).members[method]:
        function = None
        if binding.kind is BindingKind.FUNCTION:
            function = project.index.function_facts(owner.path, binding.start)
        if function is None or not _fits(site, owner, binding.start, function, names[:arguments]):
            return (
                "signature-differs",
                f"{owner.name}.{method} is defined in another way than expected.",
            )
    return None


def _fits(
    site: Site, owner: ClassRef, start: int, function: Function, names: tuple[str, ...]
) -> bool:
    """Whether a call with these arguments binds, each to the parameter of its meaning."""
    own = function.parameters[1:]
    places = {parameter.name: at for at, parameter in enumerate(own)}
    if function.asynchronous or not function.decorators_named <= _HARMLESS_DECORATORS or not own:
        return False
    if not function.accepts(len(names), bound=True) or _is_generator(site, owner, start):
        return False
    if not (own[0].name in (names[0], "source") or looks_like_context_name(own[0].name)):
        return False
    return all(places.get(name, at) == at for at, name in enumerate(names))


def _is_generator(site: Site, owner: ClassRef, start: int) -> bool:
    node = site.view.project.index.node(owner.path, start, "function_definition")
    if node is None or b"yield" not in (node.text or b""):
        return False
    yields = captures("(yield) @yield", node).get("yield", [])
    return any(_function_around(found) == node for found in yields)


def _function_around(node: Node) -> Node | None:
    kinds = ("function_definition", "lambda")
    return next((ancestor for ancestor in ancestors(node) if ancestor.type in kinds), None)


def store_dumps(site: Site) -> bool:
    """Whether the method that stores a value is known to dump it by default."""
    project, options = site.view.project, site.options
    if site.receiver is None:
        return False
    found = project.find_member(site.receiver.owner, options.store)
    if found is None or found[1].kind is not BindingKind.FUNCTION:
        return False
    node = project.index.node(found[0].path, found[1].start, "function_definition")
    facts = project.index.function_facts(found[0].path, found[1].start)
    parameters = facts.parameters if facts is not None else ()
    switch = next((p.default for p in parameters if p.name == "ensure_serializable"), "True")
    return node is not None and b".model_dump(" in (node.text or b"") and switch == "True"
