"""Known recruiting systems are told by their headings."""

from __future__ import annotations

from flows.roster.systems import known_system


def test_a_system_is_known_by_headings_that_are_all_there() -> None:
    known = known_system(["Kandidat-ID", "Projekt-ID", "ANSØGNINGSSTATUS ", "Fornavn"])
    assert known is not None
    assert known.name == "EasyCruit, application extract"
    assert "no e-mail" in known.hint


def test_an_unknown_system_is_none() -> None:
    assert known_system(["Navn", "E-mail", "Status"]) is None
