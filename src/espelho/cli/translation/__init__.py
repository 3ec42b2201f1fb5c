"""Translators on the command line: two sets of data instead of one."""
