"""What the consumer app can see."""
