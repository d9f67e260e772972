"""Generate pydantic models from a server's schema with datamodel-code-generator."""
