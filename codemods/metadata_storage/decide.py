"""Which rule a site falls under."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from codemods.metadata_storage.forms import (
    adds_number,
    copied_from,
    increment_of,
    metadata_attributes,
    metadata_of_other,
    update_mapping,
)
from codemods.metadata_storage.groups import (
    append_by_default,
    append_groups,
    assigned_value,
    copy_loops,
    key_of,
)
from codemods.metadata_storage.options import Options
from codemods.metadata_storage.rules import (
    alias,
    append,
    append_pair,
    assign,
    copy,
    copy_all,
    count,
    get,
    item,
    mutate,
    read,
    remove,
    replace,
    update,
)
from codemods.metadata_storage.sites import (
    Site,
    find_sites,
)
from codemods.metadata_storage.uses import (
    READING_METHODS,
    REMOVING_METHODS,
    Kind,
)
from migrate.codemod import Proposal
from migrate.syntax import span
from migrate.view import FileView


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
        given, _ = update_mapping(site)
        if given is not None and metadata_of_other(site, given):
            yield given
        return
    value = assigned_value(site) if site.use.kind is Kind.SET_ITEM else None
    if value is None or key_of(site) is None:
        return
    source, amount = copied_from(site, value), increment_of(site, value)
    for attribute in metadata_attributes(site, value):
        holder = attribute.child_by_field_name("object")
        counts = amount is not None and not span(amount).contains(span(attribute))
        if counts or (source is not None and holder == source):
            yield attribute


def _decide(site: Site) -> Proposal:
    use = site.use
    match use.kind:
        case Kind.SET_ITEM if site.direct and use.direct:
            return _set_item(site)
        case Kind.AUGMENT_ITEM if adds_number(site):
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
    if copied_from(site, value) is not None:
        return copy(site)
    if increment_of(site, value) is not None:
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
