"""Readers of vendors' machine-readable contracts: each turns one kind of document into the same `Extract`."""
