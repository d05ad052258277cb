"""Which sites to seal, by whom and by when, with the proof."""
