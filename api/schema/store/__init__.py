"""What the store app can see."""
