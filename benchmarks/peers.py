"""What one letter costs, warm and in one process, beside other programs that make letters.

    python benchmarks/peers.py [N]        default 100

A program that is not there is named as such. ReportLab and Typst are looked for where Python looks for modules,
LibreOffice as `soffice`, docxtemplater where Node looks for modules (NODE_PATH). CPU seconds are what compares:
the wall clock of a busy machine tells of its other work too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.invented_vacancy import make_vacancy
from benchmarks.plain_script import main as plain_script
from flows.closing import Closing
from flows.documents import page
from flows.documents.paper import Made, Order
from flows.documents.workshop import Workshop
from flows.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "inputs" / "projektleder-fjernvarme"
_TYPST = """#set page(paper: "a4", margin: 25mm)
#set document(title: sys.inputs.title)
#set text(lang: "da", size: 11pt)
#sys.inputs.address

#sys.inputs.words
"""
_NODE = """const fs = require("fs"), PizZip = require("pizzip"), Docx = require("docxtemplater");
const bytes = fs.readFileSync(process.argv[1]), count = Number(process.argv[2]);
const one = (n) => { const d = new Docx(new PizZip(bytes)); d.render({name: "Person " + n}); return d.getZip().generate({type: "nodebuffer", compression: "DEFLATE"}); };
one(0);
const before = process.cpuUsage(), started = process.hrtime.bigint();
for (let n = 0; n < count; n++) one(n);
const used = process.cpuUsage(before);
console.log((used.user + used.system) / 1e6, Number(process.hrtime.bigint() - started) / 1e9);
"""


@dataclass(slots=True)
class Cost:
    """Seconds for a number of letters."""

    wall: float = 0.0
    cpu: float = 0.0

    def row(self, what: str, makes: str, letters: int) -> str:
        return f"| {what} | {makes} | {self.cpu * 1000 / letters:.1f} | {self.wall * 1000 / letters:.1f} |"


@contextmanager
def timed() -> Iterator[Cost]:
    """What the lines inside cost, children that have ended included."""
    cost, wall, before = Cost(), time.perf_counter(), os.times()
    yield cost
    after = os.times()
    cost.wall, cost.cpu = time.perf_counter() - wall, sum(after[:4]) - sum(before[:4])


def main(letters: int) -> None:
    """Prints the table."""
    print(f"Load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors. N = {letters} letters to people not invited.\n")
    print("| program | makes | CPU ms a letter | wall ms a letter |\n|---|---|---:|---:|")
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        folder = make_vacancy(place / "inputs" / "ledig", letters, SAMPLE)
        shop, orders = _shop(folder, Settings(inputs=folder.parent, outputs=place / "outputs", workers=1))
        shop.make_all(orders[:12], [None] * 12)  # everything is compiled, and the sample of the fast way compared
        orders = orders[12:]
        made = _svar(shop, orders)
        _weasyprint(shop, orders)
        _plain(folder, place / "plain")
        words = [_words(place / "outputs" / "ledig" / each.docx) for each in made]
        for peer in (_reportlab, _typst):
            peer(words)
        _libreoffice([place / "outputs" / "ledig" / each.docx for each in made][:50], place / "office")
        _docxtemplater(place / "outputs" / "ledig" / made[0].docx, str(orders[0].fields["name"]), len(orders), place)


def _shop(folder: Path, settings: Settings) -> tuple[Workshop, list[Order]]:
    closing = Closing.of(folder, settings)
    closing.plan()
    assert closing._papers is not None
    return Workshop(closing._papers.work), [order for order in closing._papers.orders if order.kind.name == "not_invited"]


def _svar(shop: Workshop, orders: list[Order]) -> list[Made]:
    kind = shop._kind(orders[0].kind)
    with timed() as cost:
        for order in orders:
            kind.word.fill(order.fields)
    print(cost.row("Svar, Word alone", "docx", len(orders)), flush=True)
    pages = [shop._page(order, page.filled_body(kind.page, order.fields), "Svar") for order in orders]
    shop._setting.draw(pages[0])
    with timed() as cost:
        for each in pages:
            shop._setting.draw(each)
    print(cost.row("Svar, page alone", "tagged PDF/A-2a + PDF/UA-1", len(orders)), flush=True)
    with timed() as cost:
        made = [each for each in shop.make_all(orders, [None] * len(orders)) if isinstance(each, Made)]
    assert len(made) == len(orders)
    print(cost.row("Svar, the whole letter", "docx, pdf, eml; read back, compared, written with fsync", len(orders)), flush=True)
    return made


def _weasyprint(shop: Workshop, orders: list[Order]) -> None:
    kind = shop._kind(orders[0].kind)
    pages = [shop._page(order, page.filled_body(kind.page, order.fields), "Svar") for order in orders]
    with timed() as cost:
        for each in pages:
            shop._press.draw(each)
    print(cost.row(f"WeasyPrint {version('weasyprint')}, each letter in full, warm", "tagged PDF/A-2a + PDF/UA-1", len(orders)), flush=True)


def _plain(folder: Path, out: Path) -> None:
    with timed() as cost:
        plain_script(folder, out)
    papers = len(list(out.glob("*.pdf")))
    print(cost.row("plain script (docxtpl + WeasyPrint)", "docx, tagged PDF/A-2a", papers), flush=True)


def _words(docx: Path) -> list[str]:
    from docx import Document

    return [paragraph.text for paragraph in Document(str(docx)).paragraphs if paragraph.text.strip()]


def _reportlab(letters: list[list[str]]) -> None:
    try:
        import reportlab
        from reportlab.lib.pagesizes import A4
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.ttfonts import TTFont
        from reportlab.platypus import Paragraph, SimpleDocTemplate
    except ImportError:
        print("| ReportLab | not there | | |")
        return
    import matplotlib

    pdfmetrics.registerFont(TTFont("Sans", str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")))
    style = ParagraphStyle("letter", fontName="Sans", fontSize=11, leading=15, spaceAfter=8)

    def draw(words: list[str]) -> None:
        SimpleDocTemplate(BytesIO(), pagesize=A4).build([Paragraph(each.replace("&", "&amp;"), style) for each in words])

    _row_of(f"ReportLab {reportlab.__version__}", "PDF, untagged", draw, letters)


def _typst(letters: list[list[str]]) -> None:
    try:
        import typst
    except ImportError:
        print("| Typst | not there | | |")
        return
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "letter.typ"
        source.write_text(_TYPST)
        compiler = typst.Compiler(str(source))

        def draw(words: list[str]) -> None:
            told = {"title": "Svar", "address": words[0], "words": "\n\n".join(words[1:])}
            compiler.compile(format="pdf", sys_inputs=told, pdf_standards=["a-2a"])

        _row_of(f"Typst {version('typst')}", "tagged PDF/A-2a", draw, letters)


def _row_of(what: str, makes: str, draw: Callable[[list[str]], Any], letters: list[list[str]]) -> None:
    draw(letters[0])
    with timed() as cost:
        for each in letters:
            draw(each)
    print(cost.row(what, makes, len(letters)), flush=True)


def _libreoffice(files: list[Path], out: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        print("| LibreOffice | not there | | |")
        return
    command = [office, "--headless", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--convert-to", "pdf", "--outdir", str(out)]
    with timed() as once:
        subprocess.run([*command, str(files[0])], check=True, capture_output=True)  # makes its profile
    with timed() as one:
        subprocess.run([*command, str(files[0])], check=True, capture_output=True)
    with timed() as all_of_them:
        subprocess.run([*command, *map(str, files)], check=True, capture_output=True)
    told = subprocess.run([office, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    marginal = Cost((all_of_them.wall - one.wall), (all_of_them.cpu - one.cpu))
    print(
        marginal.row(f"LibreOffice {told}, the start ({one.cpu:.1f} s CPU) not counted", "PDF of the same docx", len(files) - 1), flush=True
    )
    assert once.wall > 0


def _docxtemplater(docx: Path, name: str, letters: int, place: Path) -> None:
    import zipfile

    template = place / "template.docx"
    with zipfile.ZipFile(docx) as source, zipfile.ZipFile(template, "w", zipfile.ZIP_DEFLATED) as target:
        for each in source.namelist():
            content = source.read(each)
            target.writestr(each, content.replace(name.encode(), b"{name}") if each == "word/document.xml" else content)
    try:
        done = subprocess.run(["node", "-e", _NODE, str(template), str(letters)], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        print("| docxtemplater | not there | | |")
        return
    cpu, wall = map(float, done.stdout.split())
    print(Cost(wall, cpu).row("docxtemplater (Node)", "docx", letters), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
