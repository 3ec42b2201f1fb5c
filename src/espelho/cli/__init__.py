"""The command line: faces of fitted estimators, one file per command."""
