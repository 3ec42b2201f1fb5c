"""Networks from images to images, or to scores of their parts."""
