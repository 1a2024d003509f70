"""Other people's menu files, brought in through the tablet's door: what was read, and what was broken."""
