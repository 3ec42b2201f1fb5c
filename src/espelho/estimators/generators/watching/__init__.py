"""What watches a generator while it learns: figures, pictures, and the best that is kept."""
