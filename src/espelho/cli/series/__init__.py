"""Series: tables whose rows are points, and what models say of them, row by row."""
