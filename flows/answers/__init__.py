"""Step 2: what each applicant is owed, and the facts that go into it."""
