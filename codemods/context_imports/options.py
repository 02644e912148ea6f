"""The options of `context-imports`; the defaults are the names of the codebase it was made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_SUPERVISOR = "netra_backend.app.agents.supervisor"
_SERVICES = "netra_backend.app.services.user_execution_context"
EVERYTHING = "*"
# fmt: off
_REFUSED_BY_BOTH = (
    "", "registry", "placeholder", "default", "temp", "none", "null", "undefined", "0", "1",
    "xxx", "yyy", "example",
)
# fmt: on
_KEYS_REFUSED_BY_BOTH = ("user_id", "thread_id", "run_id", "request_id", "created_at")


@dataclass(frozen=True, slots=True)
class Move:
    """What moves from one module to another.

    `names` may be `*`, for all that the old module defines. `rename` gives the names that the new
    module has for some of the old ones. `forbidden_words` and `forbidden_prefixes` are what the old
    class refuses as an id already, `forbidden_keys` as a key, as those of the target in `Options`.
    """

    from_: str
    to: str
    names: tuple[str, ...] = (EVERYTHING,)
    rename: Mapping[str, str] = field(default_factory=dict)
    forbidden_words: tuple[str, ...] = ()
    forbidden_prefixes: tuple[str, ...] = ()
    forbidden_keys: tuple[str, ...] = ()


def _moves() -> tuple[Move, ...]:
    return (
        Move(
            f"{_SUPERVISOR}.user_execution_context",
            _SERVICES,
            rename={"clear_shared_objects": "clear_shared_object_registry"},
            forbidden_words=_REFUSED_BY_BOTH,
            forbidden_prefixes=("placeholder_", "registry_", "default_", "temp_"),
            forbidden_keys=_KEYS_REFUSED_BY_BOTH,
        ),
        Move(f"{_SUPERVISOR}.execution_factory", _SERVICES, ("UserExecutionContext",)),
    )


def _keywords() -> Mapping[str, str]:
    return {
        "websocket_connection_id": "websocket_client_id",
        "metadata": "agent_context",
        "additional_metadata": "additional_agent_context",
    }


def _attributes() -> Mapping[str, str]:
    return {"websocket_connection_id": "websocket_client_id"}


@dataclass(frozen=True, slots=True)
class Options:
    """What moves where, and what makes up for the differences.

    `keywords` and `attributes` give the new names of parameters and attributes. An id is what
    the parameters `ids` take; the target's class refuses those in `forbidden_words`, in any case
    (an empty one stands for None, too), and those shorter than `prefix_limit` characters that
    start with one of `forbidden_prefixes`. In what the parameters `mappings` take, it refuses
    `forbidden_keys`.
    """

    moves: tuple[Move, ...] = field(default_factory=_moves)
    keywords: Mapping[str, str] = field(default_factory=_keywords)
    attributes: Mapping[str, str] = field(default_factory=_attributes)
    ids: tuple[str, ...] = ("user_id", "thread_id", "run_id", "request_id")
    # fmt: off
    forbidden_words: tuple[str, ...] = (
        *_REFUSED_BY_BOTH, "test", "demo", "sample", "template", "mock", "fake", "dummy",
    )
    forbidden_prefixes: tuple[str, ...] = (
        "placeholder_", "registry_", "default_", "temp_", "test_", "example_", "demo_", "sample_",
        "template_", "mock_", "fake_",
    )
    # fmt: on
    prefix_limit: int = 20
    mappings: tuple[str, ...] = (
        "agent_context",
        "audit_metadata",
        "additional_agent_context",
        "additional_audit_metadata",
    )
    forbidden_keys: tuple[str, ...] = (*_KEYS_REFUSED_BY_BOTH, "db_session", "websocket_client_id")
    outside: bool = False
