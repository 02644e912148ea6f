"""What one file does with the classes that move, held against the new ones."""
