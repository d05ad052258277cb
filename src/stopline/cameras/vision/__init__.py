"""The only rooms that hold pictures. Nothing here writes, logs, sends or names a file."""
