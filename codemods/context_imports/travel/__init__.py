"""How objects of the classes that move travel between files: the survey of a project."""
