"""Editions of a menu: drafts that several tablets write, previews, publications at once or at a time, and the way back."""
