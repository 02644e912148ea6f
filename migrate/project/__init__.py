"""Facts across files, on demand: modules, names, classes, and the types of expressions.

Nothing is computed for the whole repository. A question parses the modules that it leads through,
each once. What cannot be resolved is unknown, and unknown is never taken for yes.
"""

from migrate.project.env import Env
from migrate.project.hierarchy import Lineage
from migrate.project.infer import Project

__all__ = ["Env", "Lineage", "Project"]
