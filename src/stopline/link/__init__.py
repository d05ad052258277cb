"""Signed messages between two nodes: identity, pairing, envelopes, outbox and inbox, transports."""
