"""Pydantic models from a server's schema, by datamodel-code-generator."""
