"""What the HTTP API answers, as data for one reader."""
