"""For the tests of a codemod: check what it makes of a source, or of a folder of cases.

Each check runs the engine as `migrate` does, with all proofs. Besides what is asked for, it holds
that a file with a site has a needle, that findings have a rule of the codemod and a reason for what
stays, that nothing changes outside the lines of the sites which are rewritten, and that a second
pass changes nothing and still finds what was left. What does not hold is an AssertionError that
shows the difference.
"""

from migrate.testing.cases import Case, Expected, ExpectedFailure, check_case, load_cases
from migrate.testing.checks import check_noop, check_review, check_rewrite

__all__ = [
    "Case",
    "Expected",
    "ExpectedFailure",
    "check_case",
    "check_noop",
    "check_review",
    "check_rewrite",
    "load_cases",
]
