"""What a panel found: rows, the table of all, sentences, text and page."""
