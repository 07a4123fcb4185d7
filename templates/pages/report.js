"use strict";
(() => {
  const table = document.getElementById("everyone");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = Array.from(body.rows);
  const plain = (text) => text.toLocaleLowerCase(document.documentElement.lang).normalize("NFC");
  const texts = rows.map((row) => plain(Array.from(row.cells, (cell) => cell.textContent).join(" ")));
  const form = document.querySelector(".filters");
  const search = document.getElementById("search");
  const state = document.getElementById("state");
  const shown = document.getElementById("shown");
  const hidden = new Array(rows.length).fill(false);
  const filter = () => {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, place) => {
      const fits = (!state.value || row.dataset.state === state.value) && wanted.every((word) => texts[place].includes(word));
      if (hidden[place] === fits) { row.hidden = hidden[place] = !fits; }
      count += fits;
    });
    shown.textContent = count ? shown.dataset.told.replace("{shown}", count).replace("{all}", rows.length) : shown.dataset.none;
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", filter);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.value) { search.value = ""; filter(); event.preventDefault(); }
  });
  state.addEventListener("change", filter);
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  const worth = (row, column) => row.cells[column].dataset.sort ?? row.cells[column].textContent.trim();
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    button.title = `${table.dataset.sortBy} ${cell.textContent}`;
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = cell.getAttribute("aria-sort") === "ascending";
      table.tHead.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const order = rows.map((row) => [worth(row, column), row]);
      order.sort((one, other) => (descending ? -1 : 1) * collator.compare(one[0], other[0]));
      const sorted = document.createDocumentFragment();
      order.forEach(([, row]) => sorted.append(row));
      body.append(sorted);
    });
  });
  filter();
})();
(() => {
  const closed = () => Array.from(document.querySelectorAll("details:not([open])"));
  let opened = [];
  window.addEventListener("beforeprint", () => { opened = closed(); opened.forEach((each) => { each.open = true; }); });
  window.addEventListener("afterprint", () => { opened.forEach((each) => { each.open = false; }); });
})();
