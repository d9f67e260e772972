"""Who asks, and what it may read and change (protocol 1.3, 2.16, 6.5)."""
