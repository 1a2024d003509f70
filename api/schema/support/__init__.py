"""What the support app can see."""
