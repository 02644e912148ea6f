"""The statements and strings by which a file has something from a legacy module."""
