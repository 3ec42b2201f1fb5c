"""Pictures of random variables and samples: how they are drawn, how near they are to data."""
