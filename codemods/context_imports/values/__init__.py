"""Where values come from in one file, and what strings they can be."""
