"""Step 5: what happened, append only."""
