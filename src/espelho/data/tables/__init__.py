"""Tables whose columns need not be numbers: booleans, and categories that are words."""
