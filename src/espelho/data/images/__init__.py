"""Images: decoded from files of one picture each, and encoded into them."""
