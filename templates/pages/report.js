"use strict";
(() => {
  const table = document.getElementById("everyone");
  if (!table) return;
  const rows = Array.from(table.tBodies[0].rows);
  const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
  const search = document.getElementById("search");
  const state = document.getElementById("state");
  const shown = document.getElementById("shown");
  document.querySelector(".filters").hidden = false;
  const filter = () => {
    const words = search.value.toLocaleLowerCase().trim();
    let count = 0;
    rows.forEach((row, place) => {
      const fits = texts[place].includes(words) && (!state.value || row.dataset.state === state.value);
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} / ${rows.length}`;
  };
  search.addEventListener("input", filter);
  state.addEventListener("change", filter);
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });
  Array.from(table.tHead.rows[0].cells).forEach((cell, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = cell.textContent;
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const descending = cell.getAttribute("aria-sort") === "ascending";
      table.tHead.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
      cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
      const order = rows.slice().sort((one, other) => collator.compare(one.cells[column].textContent, other.cells[column].textContent));
      table.tBodies[0].append(...(descending ? order.reverse() : order));
    });
  });
  filter();
})();
