"""Networks of images, and what changes images on the way."""
