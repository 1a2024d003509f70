"""Drills: a house of real processes is broken on purpose, and must be whole again by itself."""
