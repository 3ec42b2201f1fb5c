"""Generative models: networks that make samples of noise, and how they learn to."""
