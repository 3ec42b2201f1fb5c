"""Two sets of samples at once, read from folders, archives and arrays."""
