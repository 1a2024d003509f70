"""Thousands of sockets on one server process: what a message costs, what a socket costs, and all of them coming back."""
