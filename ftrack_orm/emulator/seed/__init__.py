"""The standard seed: the rows of a fresh server with the stock setup.

`standard` builds the rows from the facts in `stock` and `custom_attributes`; `planter`
inserts them into a storage.
"""
