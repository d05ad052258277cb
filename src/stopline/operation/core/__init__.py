"""The desk of a node: commands are checked and become facts; all that is known is folded back."""
