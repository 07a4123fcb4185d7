"""A vacancy of N invented applicants, for measuring: 90 % not invited, 10 % interviewed; the same every time.

python -m benchmarks.invented_vacancy FOLDER N        makes one; the firm's files go beside the folder
"""

from __future__ import annotations

import shutil
import sys
from datetime import date
from itertools import chain, product
from pathlib import Path

from openpyxl import Workbook

_GIVEN = [
    "Anne",
    "Søren",
    "Karin",
    "Bjørn",
    "Mette",
    "Åge",
    "Fatima",
    "Lars",
    "Ingrid",
    "Jens-Peter",
    "Maja",
    "Ole",
    "Zoë",
    "Niels",
    "Camilla",
    "Ahmed",
    "Birgit",
    "Poul",
    "Sofie",
    "Erik",
]
_FAMILY = [
    "Holm",
    "Æbelø",
    "Kjær",
    "Østergaard",
    "O'Brien",
    "Lund-Madsen",
    "Bæk",
    "Åkjær",
    "Nørgaard",
    "Friis",
    "Dam",
    "Skov",
    "Vang",
    "Toft",
    "Krogh",
    "Ravn",
    "Juhl",
    "Bech",
    "Winther",
    "Lind",
]
_MIDDLE = [
    "Aa",
    "Bo",
    "Dal",
    "Eng",
    "Fog",
    "Gram",
    "Hede",
    "Ibsen",
    "Juul",
    "Krag",
    "Ley",
    "Mark",
    "Nyborg",
    "Old",
    "Prip",
    "Ross",
    "Sand",
    "Thy",
    "Ulv",
    "Vad",
]
_HEADINGS = [
    "Kandidat-ID",
    "Ansøgningsstatus",
    "Fornavn",
    "Efternavn",
    "E-mail",
    "Mobiltelefon",
    "Ansøgningsdato",
    "Dato for første samtale",
]
_INTERVIEW_HEADINGS = ["id", "interviewer", "interview_date"] + [
    f"{part}_{number}" for number in (1, 2, 3) for part in ("criterion", "chosen", "applicant")
]
_ANSWERS = ["how_near", "reason", "answer_interview", "answer_strengths", "answer_similar", "apply_again"]


def make_vacancy(folder: Path, applicants: int, sample: Path) -> Path:
    """The folder of a vacancy with so many applicants; words, contact and letterhead are those of the `sample` vacancy."""
    folder.mkdir(parents=True)
    for file in ("organisation.toml", "logo.svg"):
        shutil.copy(sample.parent / file, folder.parent / file)
    lines = (sample / "vacancy.toml").read_text("utf-8").splitlines()
    kept = [f"received = {applicants}" if line.startswith("received") else line for line in lines if not line.startswith("project")]
    (folder / "vacancy.toml").write_text("\n".join(kept) + "\n", "utf-8")
    _write_export(folder / "applicants.xlsx", applicants)
    _write_interviews(folder / "interviews.xlsx", applicants)
    return folder


def interviewed(number: int) -> bool:
    """True for every tenth applicant."""
    return number % 10 == 9


def _write_export(path: Path, applicants: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append(_HEADINGS)
    more = ((given, family, f"{one} {two}") for given, family, one, two in product(_GIVEN, _FAMILY, _MIDDLE, _MIDDLE))
    names = chain(product(_GIVEN, _FAMILY, _MIDDLE), more)  # 8,400, then as many again for each middle name
    for number in range(applicants):
        given, family, middle = next(names)
        first_interview = date(2026, 11, 9) if interviewed(number) else None
        mail, phone = f"applicant{number}@example.com", f"20{number:06d}"
        sheet.append([str(10_000 + number), "Afvist", f"{given} {middle}", family, mail, phone, date(2026, 10, 20), first_interview])
    book.save(path)


def _write_interviews(path: Path, applicants: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    sheet.append(_INTERVIEW_HEADINGS + _ANSWERS)
    for number in filter(interviewed, range(applicants)):
        weighed = ["Ledelse af projekter", "Har ledet store projekter i mange år", f"Du har ledet {number % 7 + 2} projekter selv"]
        words = [
            "near",
            f"Du kender myndighederne godt. Den valgte har ledet projekter, der var {number % 5 + 2} gange så store.",
            f"Vær tidligt konkret om tal og om, hvad du selv gjorde i sag {number}.",
            f"Din styrke er samarbejdet i sag {number}. Størrelsen af dine projekter var for lille til dette job.",
            f"Søg et projekt, hvor du leder {number % 9 + 3} entrepriser på én gang.",
            "yes",
        ]
        sheet.append([str(10_000 + number), "Mette Sørensen", date(2026, 11, 9), *(weighed * 3), *words])
    book.save(path)


if __name__ == "__main__":
    make_vacancy(Path(sys.argv[1]), int(sys.argv[2]), Path(__file__).resolve().parent.parent / "inputs" / "projektleder-fjernvarme")
