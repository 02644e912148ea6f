"""The classes below a class, wherever they are, before and after one of the files changes."""

from __future__ import annotations

import re

from migrate.project import Project
from migrate.source import Memory

SIZE = re.compile(rb"size")
FILES = {
    "base.py": b"class Base:\n    size = 0\n",
    "direct.py": b"from base import Base\n\nclass Direct(Base):\n    size = 1\n",
    "further.py": b"import direct\n\nclass Further(direct.Direct):\n    size = 2\n",
    "renamed.py": b"from base import Base as Root\n\nclass Renamed(Root):\n    size = 5\n",
    "assigned.py": b"import base\nRoot = base.Base\nclass Assigned(Root, a=1):\n    size = 6\n",
    "silent.py": b"from base import Base\n\nclass Silent(Base):\n    pass\n",
    "other.py": b"class Base:\n    pass\n\nclass Other(Base):\n    size = 3\n",
    "broken.py": b"class Base(\n size =",
}


def names(project: Project) -> list[str]:
    base = project.find_class("base.Base")
    assert base is not None
    return [cls.name for cls in project.below.classes(base, SIZE)]


def test_classes_below_are_found_in_every_file_that_has_the_word() -> None:
    assert names(Project(Memory(FILES))) == ["Assigned", "Direct", "Further", "Renamed"]


def test_a_file_that_changes_is_looked_at_again_and_others_are_remembered() -> None:
    files = dict(FILES)
    project = Project(Memory(files))
    assert names(project) == ["Assigned", "Direct", "Further", "Renamed"]
    files["silent.py"] += b"    size = 4\n"
    files["direct.py"] = files["direct.py"].replace(b"size", b"length")
    # The changed file comes into view; what was found in others is not asked for again.
    assert names(project.replacing("silent.py")) == [
        "Assigned",
        "Direct",
        "Further",
        "Renamed",
        "Silent",
    ]
    assert names(project.replacing("direct.py")) == ["Assigned", "Further", "Renamed"]
    assert names(project) == ["Assigned", "Direct", "Further", "Renamed"]
