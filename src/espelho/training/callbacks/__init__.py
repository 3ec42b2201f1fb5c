"""Callbacks: what watches a training and may stop it or act on its weights."""
