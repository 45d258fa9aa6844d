
"use strict";
// Sort and filter the crossings, and open everything for print. All is readable
// without this.
(() => {
  const tables = [...document.querySelectorAll("table.crossings")];
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
  if (!tables.length) return;
  const box = document.createElement("div");
  box.className = "filter";
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  input.type = "search";
  label.append("Show crossings with ", input);
  box.append(label, count);
  document.querySelector("table.counts").after(box);
  const rows = tables.flatMap(t => [...t.tBodies[0].rows]);
  const text = new Map(rows.map(r => [r, r.textContent.toLowerCase()]));
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let n = 0;
    for (const r of rows) {
      r.hidden = !words.every(w => text.get(r).includes(w));
      if (!r.hidden) n++;
    }
    count.textContent = words.length ? n + " of " + rows.length + " shown" : "";
  });
  for (const t of tables) {
    [...t.tHead.rows[0].cells].forEach((th, column) => {
      if (!th.dataset.sort) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...th.childNodes);
      th.append(button);
      let up = false;
      button.addEventListener("click", () => {
        up = !up;
        const key = r => th.dataset.sort === "number" ? Number(r.dataset.cost) : r.cells[column].textContent;
        const sorted = [...t.tBodies[0].rows].sort((a, b) => {
          const x = key(a), y = key(b);
          const d = typeof x === "number" ? x - y : x.localeCompare(y, undefined, { numeric: true });
          return up ? d : -d;
        });
        t.tBodies[0].append(...sorted);
        for (const other of t.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        th.setAttribute("aria-sort", up ? "ascending" : "descending");
      });
    });
  }
})();
