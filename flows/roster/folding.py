"""Words compared whole: without case, blanks and punctuation."""

from __future__ import annotations

import re
import unicodedata


def folded(words: str) -> str:
    """The words without case, blanks and punctuation, for comparing them whole."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", words).casefold())
