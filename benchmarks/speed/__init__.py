"""Speed beside the limit of the hardware, a plain loop, and the libraries of the field."""
