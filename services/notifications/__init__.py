"""Notifications: what to tell whom, in their language, and how it reaches their devices."""
