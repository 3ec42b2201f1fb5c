"""Models: networks and the plan by which they are trained."""
