"""migrate: finish a stalled code migration, one proven rewrite at a time."""

__version__ = "0.1.0"
