"""Road networks: reading them, what they are, and finding places on them."""
