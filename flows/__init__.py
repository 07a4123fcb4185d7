"""Svar: every applicant gets an answer. The folders are the steps, in the order of the data."""

__version__ = "0.1.0"
