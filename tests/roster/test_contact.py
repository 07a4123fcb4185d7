from __future__ import annotations

import pytest
from email_validator import EmailNotValidError
from hypothesis import given
from hypothesis import strategies as st

from flows.roster import contact
from flows.roster.contact import addresses, phones


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("aase@example.dk", ("aase@example.dk",)),
        (" Aase@EXAMPLE.DK ", ("Aase@example.dk",)),
        ("a@example.dk; b@example.dk", ("a@example.dk", "b@example.dk")),
        ("a@example.dk / A@example.dk", ("a@example.dk",)),
        ("Åse Prøve <aase@example.dk>", ("aase@example.dk",)),
        ("mailto:aase@example.dk", ("aase@example.dk",)),
        ("æble@example.dk", ("æble@example.dk",)),
        ("janesample0a1b2_xyz@indeedemail.example", ("janesample0a1b2_xyz@indeedemail.example",)),
        ("\u200baase@example.dk\u200e", ("aase@example.dk",)),
    ],
)
def test_every_usable_address_of_a_cell_is_found(cell: str, expected: tuple[str, ...]) -> None:
    assert addresses(cell) == (expected, ())


@pytest.mark.parametrize(
    "cell",
    ["ikke oplyst", "aase@example", "aa se@example.dk", "aase@@example.dk", "aase.example.dk", "aase@example,dk", "o’brien@example.dk"],
)
def test_a_broken_address_gets_its_reason(cell: str) -> None:
    usable, reasons = addresses(cell)
    assert usable == ()
    assert len(reasons) == 1


def test_a_good_address_beside_a_broken_one_is_used() -> None:
    usable, reasons = addresses("aase@example; aase@example.dk")
    assert (usable, len(reasons)) == (("aase@example.dk",), 1)


@pytest.mark.parametrize(
    "cell", ["20304050", "'20304050", "20 30 40 50", "+4520304050", "0045 20304050", "4520304050", "(+45) 20-30-40-50"]
)
def test_a_danish_number_is_read_in_every_writing(cell: str) -> None:
    assert phones(cell) == ("+45 20 30 40 50",)


def test_a_number_that_lost_its_plus_is_read() -> None:
    assert phones("46701234567") == ("+46 70 123 45 67",)


def test_several_numbers_of_a_cell_are_told_apart() -> None:
    assert phones("20304050 / +46 70 123 45 67") == ("+45 20 30 40 50", "+46 70 123 45 67")


def test_an_unreadable_number_stays_as_it_stands() -> None:
    assert phones("555-0100") == ("555-0100",)


def test_words_are_no_number() -> None:
    assert phones("ingen") == ()


@given(st.text(max_size=40))
def test_any_cell_is_read_without_an_error(cell: str) -> None:
    addresses(cell)
    phones(cell)


class _Nothing:
    """A pattern nothing matches, so that everything is asked of the libraries."""

    def fullmatch(self, _: str) -> None:
        return None


@given(
    st.from_regex(r"[a-z0-9._+-]{1,30}|[a-z0-9]{60,66}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9.-]{1,20}(\.(dk|com|invalid|local|test|xn--p1ai))?", fullmatch=True)
    | st.sampled_from(["example.dk", "EXAMPLE.DK", "xn--bleg-zoa.dk", "-a.dk", "a..dk", "mail.example.co.uk", "localhost"]),
)
def test_an_everyday_address_is_read_as_the_library_reads_it(local: str, domain: str) -> None:
    told = addresses(f"{local}@{domain}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contact, "_EVERYDAY", _Nothing())
        assert addresses(f"{local}@{domain}") == told


@pytest.mark.parametrize(
    "address",
    [
        "a..b@example.dk",
        ".a@example.dk",
        "a.@example.dk",
        f"{'a' * 64}@example.dk",
        f"{'a' * 65}@example.dk",
        f"{'a' * 250}@example.dk",
        f"a@{'b' * 63}.dk",
        f"a@{'b' * 64}.dk",
        f"a@{'b.' * 125}dk",
        "a@b@example.dk",
        "a@example.dk\n",
        "a@exam_ple.dk",
        "a@æble.dk",
        "a@[10.0.0.1]",
        "a@10.0.0.1",
        "a@example.dk.",
    ],
)
def test_an_address_at_a_limit_is_read_as_the_library_reads_it(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> str:
        try:
            return contact._normalized(address)
        except EmailNotValidError as error:
            return str(error)

    found = told()
    monkeypatch.setattr(contact, "_EVERYDAY", _Nothing())
    assert told() == found


@given(
    st.from_regex(r"((\+|00)45 ?)?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2}", fullmatch=True)
    | st.from_regex(r"(45|46|\+46|\+45)?[0-9 ]{6,12}", fullmatch=True)
)
def test_an_everyday_number_is_read_as_the_library_reads_it(number: str) -> None:
    told = phones(number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contact, "_EVERYDAY_NUMBER", _Nothing())
        assert phones(number) == told
