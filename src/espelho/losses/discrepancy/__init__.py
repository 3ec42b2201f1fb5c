"""How far apart two samples are."""
