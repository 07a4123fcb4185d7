"""Step 6: the proof."""
