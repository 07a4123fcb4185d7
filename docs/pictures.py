"""Makes every picture of the guide, the README and operations.md, from the sample vacancy and a real `svar serve`.

    python docs/pictures.py        needs Chromium; with LibreOffice the Word file is shown too

What the pictures show is made on the spot in a folder that is thrown away. Takes about three minutes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
ROOT, SCREENS = HERE.parent, HERE / "screens"
SAMPLE = "projektleder-fjernvarme"
SVAR = str(Path(sys.executable).parent / "svar")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    PORT = probe.getsockname()[1]  # one nobody listens on
PAGES = f"http://127.0.0.1:{PORT}"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
COLOURS = 64  # of a picture: enough for pages, a third of the bytes


def asked(what: str, told: dict[str, Any] | None = None) -> Any:
    """Prefect's answer."""
    body = None if told is None else json.dumps(told).encode()
    request = urllib.request.Request(f"{PAGES}/api/{what}", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def run(deployment: str, until: tuple[str, ...] = ENDED, **parameters: Any) -> str:
    """The id of a run of a deployment, when it has come to one of the states."""
    id = asked(f"deployments/name/{deployment}")["id"]
    flow_run = str(asked(f"deployments/{id}/create_flow_run", {"parameters": parameters})["id"])
    while asked(f"flow_runs/{flow_run}")["state_type"] not in until:
        time.sleep(0.5)
    return flow_run


@contextlib.contextmanager
def served(environment: dict[str, str]) -> Iterator[None]:
    """`svar serve`, until the pictures are made."""
    serving = subprocess.Popen([SVAR, "serve", "--port", str(PORT)], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                asked("deployments/name/propose%20erasures/erase")
                break
            time.sleep(0.3)
        yield
    finally:
        serving.terminate()
        serving.wait(60)


def kept(path: Path) -> None:
    """The picture with few colours."""
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)


def shot(page: Page, address: str, name: str, *, settle_seconds: float = 3.0, height: int = 0) -> None:
    """A page as a person sees it, once it has come to rest. `height` cuts it off, in pixels."""
    page.goto(address)
    page.wait_for_timeout(settle_seconds * 1000)
    path = SCREENS / f"{name}.png"
    size = page.viewport_size or {"width": 1200, "height": 800}
    page.screenshot(path=path, clip={"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]})
    kept(path)


def drawn(pdf: Path, width: int) -> Image.Image:
    """The first page of a PDF, `width` pixels wide."""
    page = pypdfium2.PdfDocument(pdf)[0]
    return page.render(scale=width / page.get_width()).to_pil().convert("RGB")


def side_by_side(pictures: list[Image.Image], path: Path) -> None:
    """Pictures in a row, with a grey edge around each."""
    height, edge = max(each.height for each in pictures), 12
    sheet = Image.new("RGB", (sum(each.width + edge for each in pictures) + edge, height + 2 * edge), "#d1d5db")
    left = edge
    for each in pictures:
        sheet.paste(each, (left, edge))
        left += each.width + edge
    sheet.save(path)
    kept(path)


def word_as_pdf(docx: Path, place: Path) -> Path | None:
    """A Word file as LibreOffice shows it; None where there is no LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        return None
    subprocess.run([office, "--headless", "--convert-to", "pdf", "--outdir", str(place), str(docx)], check=True, capture_output=True)
    return place / f"{docx.stem}.pdf"


def prefects_pages(browser: Browser) -> None:
    """Deployments, a form, a closing, a sending that asks for its number, an audit while people are late."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    shot(page, f"{PAGES}/deployments", "deployments", height=620)
    closing = run("close%20vacancy/close", vacancy=SAMPLE)
    shot(page, f"{PAGES}/runs/flow-run/{closing}", "close", height=620)  # without the log, which names folders of this machine
    page.set_viewport_size({"width": 1280, "height": 1180})  # room for the table under the chart
    page.get_by_text("Artifacts", exact=True).first.click()
    page.wait_for_timeout(2000)
    page.screenshot(path=SCREENS / "artifacts.png", clip={"x": 0, "y": 500, "width": 1280, "height": 680})
    kept(SCREENS / "artifacts.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    recording = asked("deployments/name/record%20replies/record")["id"]
    shot(page, f"{PAGES}/deployments/deployment/{recording}/run", "form")
    audit = run("audit%20vacancy/audit", vacancy=SAMPLE)
    shot(page, f"{PAGES}/runs/flow-run/{audit}", "audit", height=620)
    sending = run("send%20answers/send", until=("PAUSED", *ENDED), vacancy=SAMPLE)
    page.goto(f"{PAGES}/runs/flow-run/{sending}")
    page.get_by_role("button", name="Resume").first.click()
    page.wait_for_timeout(2000)
    page.screenshot(path=SCREENS / "send.png", clip={"x": 0, "y": 0, "width": 1280, "height": 640})
    kept(SCREENS / "send.png")


def papers(browser: Browser, out: Path, place: Path) -> None:
    """What HR sees: the way in, a letter as PDF and in Word, a call sheet, the report."""
    page = browser.new_page(viewport={"width": 1100, "height": 760})
    shot(page, (out / "index.html").as_uri(), "index", settle_seconds=1)
    shot(page, (out / "report.html").as_uri(), "report", settle_seconds=1)
    letter, note = sorted((out / "letters").glob("*.pdf"))[0], sorted((out / "notes").glob("*.pdf"))[0]
    papers = [drawn(letter, 420), drawn(note, 420)]
    report = Image.open(SCREENS / "report.png").convert("RGB")
    side_by_side([*papers, report.resize((round(report.width * 594 / report.height), 594))], HERE / "papers.png")
    word = word_as_pdf(letter.with_suffix(".docx"), place)
    if word is not None:
        side_by_side([drawn(word, 480), drawn(letter, 480)], SCREENS / "word.png")


def main() -> None:
    SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shutil.copytree(ROOT / "inputs", place / "inputs")
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "SVAR_"))}
        told = {"SVAR_INPUTS": str(place / "inputs"), "SVAR_OUTPUTS": str(place / "outputs"), "SVAR_TODAY": "2026-11-23"}
        with served(clean | told), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            prefects_pages(browser)
            papers(browser, place / "outputs" / SAMPLE, place)
            browser.close()


if __name__ == "__main__":
    main()
