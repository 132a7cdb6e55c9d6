"""What runs beside a model: loads it, confines the process, and answers requests (docs/reference/replica-protocol.md)."""
