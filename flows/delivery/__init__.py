"""Step 4: handing over."""
