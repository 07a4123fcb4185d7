"""Step 1: who applied, and how far they came."""
