"""Probes of single providers, one file each, for what the generic probes cannot ask."""
