"""Probes that need only the claims."""
