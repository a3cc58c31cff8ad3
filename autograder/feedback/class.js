"use strict";
// Sorts tables by the column whose heading is pressed. Without it the tables stand in the order of names.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const value = (row, at) => row.cells[at].dataset.v ?? row.cells[at].textContent.trim();
  const names = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });
  const order = (a, b) => (Number.isNaN(+a) || Number.isNaN(+b) ? names.compare(a, b) : a - b);
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Upwards first: who has least is who needs somebody.
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].map((row) => [value(row, at), row]);
      // Who handed nothing in stands below, either way.
      const empty = rows.filter(([text]) => text === "");
      const full = rows.filter(([text]) => text !== "").sort((a, b) => (up ? 1 : -1) * order(a[0], b[0]));
      body.append(...full.concat(empty).map(([, row]) => row));
    });
  });
}
