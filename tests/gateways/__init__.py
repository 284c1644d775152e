"""Real gateways on loopback: the only targets on which every tier of probes can be tried without an account."""
