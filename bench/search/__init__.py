"""Search among fifty thousand stores and two million items: what one search costs the server and PostgreSQL."""
