"""What shipped apps send: each release frozen when it left the house, read again by every gateway, and served until its end."""
