"""Many cameras on several machines: NATS JetStream carries frames in memory only."""
