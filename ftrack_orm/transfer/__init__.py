"""Files of components on their way up and down, block by block."""
