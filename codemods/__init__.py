"""The built-in codemods. Each arrives through the entry-point group `migrate.codemods`."""
