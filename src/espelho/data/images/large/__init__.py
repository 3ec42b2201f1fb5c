"""Large images: worked on in tiles, and written a strip at a time."""
