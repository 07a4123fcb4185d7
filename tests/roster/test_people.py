from __future__ import annotations

from flows.roster.applicant import Applicant, Name, Outcome, Reached, Stage
from flows.roster.people import doubled, same_address, same_name


def person(id: str, name: str, *emails: str, phones: tuple[str, ...] = ()) -> Applicant:
    return Applicant(row=int(id), id=id, name=Name(name), stage=Stage(Reached.APPLICATION, Outcome.REJECTED), emails=emails, phones=phones)


def test_one_mailbox_and_one_name_are_one_person() -> None:
    assert doubled([person("1", "Åse Prøve", "aase@example.dk"), person("2", "AASE PRØVE", "Aase@example.dk")]) == (("1", "2"),)


def test_a_tag_makes_no_other_mailbox() -> None:
    assert same_address("Aase+job@Example.dk") == same_address("aase@example.dk")


def test_a_middle_name_more_is_still_one_person() -> None:
    assert doubled([person("1", "Anne Holm", "a@example.dk"), person("2", "Anne Sofie Holm", "a@example.dk")]) == (("1", "2"),)


def test_a_new_family_name_on_one_mailbox_is_one_person() -> None:
    assert doubled([person("1", "Mette Holm", "m@example.dk"), person("2", "Mette Jensen", "m@example.dk")]) == (("1", "2"),)


def test_a_family_on_one_mailbox_is_several_people() -> None:
    assert doubled([person("1", "Åse Prøve", "familie@example.dk"), person("2", "Bo Prøve", "familie@example.dk")]) == ()


def test_a_name_and_a_telephone_are_one_person() -> None:
    one, other = person("1", "Bo Li", "a@example.dk", phones=("+45 20",)), person("2", "Bo Li", "b@example.dk", phones=("+45 20",))
    assert doubled([one, other]) == (("1", "2"),)


def test_a_telephone_alone_is_not_one_person() -> None:
    assert doubled([person("1", "Bo Li", phones=("+45 20",)), person("2", "Åse Prøve", phones=("+45 20",))]) == ()


def test_namesakes_are_two_people() -> None:
    assert doubled([person("1", "Bo Li", "a@example.dk"), person("2", "Bo Li", "b@example.dk"), person("3", "Bo Li")]) == ()


def test_a_person_who_says_different_is_believed() -> None:
    pair = [person("1", "Bo Li", "a@example.dk"), person("2", "Bo Li", "a@example.dk")]
    assert doubled(pair, different=[["1", "2"]]) == ()


def test_three_rows_of_one_person_are_one_group() -> None:
    rows = [
        person("1", "Bo Li", "a@example.dk"),
        person("2", "Bo Li", "a@example.dk", "b@example.dk"),
        person("3", "Bo Li", "b@example.dk"),
    ]
    assert doubled(rows) == (("1", "2", "3"),)


def test_letters_and_their_spellings_compare_alike() -> None:
    assert same_name("A\u030ase  PRØVE") == same_name("Aase Proeve")
