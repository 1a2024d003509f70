"""What a phone in the street relies on; changed with care."""
