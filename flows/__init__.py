"""Svar: every applicant gets an answer. The folders are the steps, in the order of the data."""

import os

__version__ = "0.1.0"

# A flow called from Python without a server: Prefect starts one, and makes its database the first time. That takes longer
# on a busy machine than the 20 s Prefect waits; read when Prefect is imported, so it stands here.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
