"""Findings about revisions and plans, each with a code and the next step.

`source_lint` reads the code of revisions and needs no server; `plan_lint` reads a plan;
`workflow_lint` compares a plan with the workflows of a server, `attribute_lint` with
its custom attributes.
"""
