"""Between the client that probes use and the network: pacing, guarding, recording. Knows nothing of claims or probes."""
