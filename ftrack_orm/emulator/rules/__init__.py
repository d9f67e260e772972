"""What the server does and refuses when rows are written (protocol 6)."""
