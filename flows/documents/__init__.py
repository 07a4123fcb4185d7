"""Step 3: Word, page, PDF and mail, each read back."""
