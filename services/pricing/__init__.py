"""What a basket costs: lines, fees, taxes; rules alone, no I/O."""
