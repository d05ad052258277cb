"""The web application of a node: a versioned HTTP API and live events over the desk."""
