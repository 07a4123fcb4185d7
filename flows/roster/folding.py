"""Words compared whole: without case, blanks and punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=4096)  # headings and status words stand in every row
def folded(words: str) -> str:
    """The words without case, blanks and punctuation, for comparing them whole."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())
