"""Headless phones, one per audience, that speak only the shipped operations."""
