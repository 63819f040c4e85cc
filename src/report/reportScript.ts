/**
 * The page's script: sorts and filters the table of lesions. It is the one script that the page's Content-Security-Policy lets run, and
 * without it everything is there to be read.
 */

export const reportScript = `"use strict";
(() => {
  const table = document.getElementById("lesion-table");
  const filter = document.getElementById("filter");
  if (table === null || filter === null) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const compare = (a, b) => {
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
    return a.localeCompare(b, undefined, { numeric: true });
  };
  const numbers = (a, b) => (a === undefined || b === undefined ? compare(a, b) : Number(a) - Number(b));
  const sortBy = (column, ascending) => {
    const numeric = heads[column].classList.contains("number");
    const keyOf = (row) => row.cells[column].dataset.key;
    const rows = [...body.rows].sort((one, other) => {
      const [a, b] = [keyOf(one), keyOf(other)];
      const order = numeric ? numbers(a, b) : compare(a, b);
      return ascending || a === undefined || b === undefined ? order : -order;
    });
    body.append(...rows);
    heads.forEach((head, n) => {
      if (head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", n === column ? (ascending ? "ascending" : "descending") : "none");
    });
  };
  heads.forEach((head, column) => {
    if (head.dataset.sorts === undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    head.setAttribute("aria-sort", "none");
    // Numbers are looked at from the largest on, names from A on.
    button.addEventListener("click", () => {
      const first = head.classList.contains("number") ? "descending" : "ascending";
      const now = head.getAttribute("aria-sort");
      const next = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
      sortBy(column, next === "ascending");
    });
  });
  const named = [...document.querySelectorAll("[data-name]")];
  const show = () => {
    const wanted = filter.value.trim().toLowerCase();
    for (const element of named) element.hidden = !element.dataset.name.toLowerCase().includes(wanted);
    const rows = [...body.rows];
    const shown = rows.filter((row) => !row.hidden).length;
    document.getElementById("shown").value = wanted === "" ? "" : shown + " of " + rows.length;
  };
  filter.addEventListener("input", show);
  filter.closest(".filter").hidden = body.rows.length < 2;
  show();
})();
`
