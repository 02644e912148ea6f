"""The options of `metadata-storage`; the defaults are the names of the codebase it was made for."""

from __future__ import annotations

from dataclasses import dataclass

_APP = "netra_backend.app"


@dataclass(frozen=True, slots=True)
class Options:
    """Names of the classes and methods that the codemod works with."""

    agent: str = f"{_APP}.agents.base_agent.BaseAgent"
    contexts: tuple[str, ...] = (
        f"{_APP}.agents.supervisor.user_execution_context.UserExecutionContext",
        f"{_APP}.agents.supervisor.execution_factory.UserExecutionContext",
        f"{_APP}.services.user_execution_context.UserExecutionContext",
        f"{_APP}.models.user_execution_context.UserExecutionContext",
    )
    attribute: str = "metadata"
    store: str = "store_metadata_result"
    store_batch: str = "store_metadata_batch"
    get: str = "get_metadata_value"
    append: str = "append_metadata_list"
    propagate: str = "propagate_metadata"
    increment: str = "increment_metadata_counter"

    @property
    def methods(self) -> tuple[str, ...]:
        """The target methods, whose own implementations stay as they are."""
        return (
            self.store,
            self.store_batch,
            self.get,
            self.append,
            self.propagate,
            self.increment,
        )
