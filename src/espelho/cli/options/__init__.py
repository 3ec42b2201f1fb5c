"""Options of the command line: made of fields, and read back."""
