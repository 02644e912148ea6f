"""The LibCST transformer of the renames: one name for another, everything else as it was."""

from __future__ import annotations

import libcst as cst

from codemods.renames import plans
from migrate.rewrite import SiteTransformer


class RenameTransformer(SiteTransformer):
    """Gives each site the name that its plan says."""

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """A parameter, a variable, or what a class body binds."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Identifier):
            return updated_node
        return updated_node.with_changes(value=plan.name)

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """`value.old`."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Attribute):
            return updated_node
        return updated_node.with_changes(attr=updated_node.attr.with_changes(value=plan.name))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """`old=value`."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Keyword) or updated_node.keyword is None:
            return updated_node
        return updated_node.with_changes(keyword=cst.Name(plan.name))

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.BaseExpression:
        """A string that names an attribute."""
        plan = self.plan_of(original_node)
        if not isinstance(plan, plans.Literal):
            return updated_node
        return updated_node.with_changes(value=plan.source)
