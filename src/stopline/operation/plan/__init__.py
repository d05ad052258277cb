"""The adopted plan of a node: its verdict from what is really closed, and plans made anew."""
