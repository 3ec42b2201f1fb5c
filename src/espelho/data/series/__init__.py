"""Series: sequences that differ in length, and windows cut out of long ones."""
