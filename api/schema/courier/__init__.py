"""What the courier app can see."""
