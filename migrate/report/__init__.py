"""The renderers of a report: one module a format."""
