"use strict";
// The page's only script. It shows what is already in the file; texts from the log are set as text, never as markup.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const put = (sentence, figures) => sentence.replace(/\{(\w+)\}/g, (_, name) => figures[name]);
  document.documentElement.classList.add("js");

  // Tables: a button in each sortable header. Cells sort by data-v where they have it, else by their text.
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    table.querySelectorAll("thead th").forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.querySelectorAll("thead th")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const key = (row) => row.cells[column].dataset.v ?? row.cells[column].textContent;
        const compare = (a, b) => {
          const x = key(a), y = key(b);
          if (x === "" || y === "") return (x === "") - (y === "") || 0;
          const order = isNaN(x) || isNaN(y) ? x.localeCompare(y) : x - y;
          return up ? order : -order;
        };
        body.append(...[...body.rows].sort(compare));
      });
    });
  }

  // Members: the file holds the rows as data, one page of them is a table.
  const rowsOf = new Map();
  const members = (box) => {
    if (!rowsOf.has(box)) rowsOf.set(box, JSON.parse(box.querySelector("script").textContent));
    return rowsOf.get(box);
  };
  const fillRow = (cells) => {
    const row = document.createElement("tr");
    cells.forEach((text, i) => {
      const cell = document.createElement(i ? "td" : "th");
      if (!i) cell.scope = "row";
      cell.className = i && i < 7 ? "n" : i ? "" : "id";
      const inner = i ? cell : cell.appendChild(document.createElement("bdi"));
      inner.textContent = text;
      row.append(cell);
    });
    return row;
  };
  const pagers = [];
  for (const box of document.querySelectorAll(".members")) {
    let size = Number(box.dataset.page);
    const [back, next] = box.querySelectorAll("button");
    const [filter, state] = [box.querySelector("input"), box.querySelector("output")];
    let from = 0;
    const show = () => {
      const wanted = filter.value.trim().toLowerCase();
      const rows = wanted ? members(box).filter((row) => row[0].toLowerCase().includes(wanted)) : members(box);
      from = Math.max(0, Math.min(from, rows.length - 1));
      from -= from % size;
      box.querySelector("tbody").replaceChildren(...rows.slice(from, from + size).map(fillRow));
      state.textContent = rows.length
        ? put(words.page, { start: from + 1, end: Math.min(from + size, rows.length), n: rows.length }) : words.none;
      back.disabled = from === 0;
      next.disabled = from + size >= rows.length;
    };
    back.addEventListener("click", () => { from -= size; show(); });
    next.addEventListener("click", () => { from += size; show(); });
    filter.addEventListener("input", () => { from = 0; show(); });
    next.disabled = Number(box.dataset.n) <= size;
    back.disabled = true;
    pagers.push({ box, resize: (rows) => { size = rows; show(); } });
    state.textContent = put(words.page, { start: 1, end: Math.min(size, box.dataset.n), n: box.dataset.n });
  }

  // Find an account in any fleet.
  const find = document.getElementById("find");
  find?.addEventListener("submit", (event) => {
    event.preventDefault();
    const wanted = find.elements.account.value.trim().toLowerCase();
    const found = [];
    for (const box of wanted ? document.querySelectorAll(".members") : []) {
      for (const row of members(box)) {
        if (found.length < 50 && row[0].toLowerCase().includes(wanted)) found.push([row[0], box.dataset.fleet]);
      }
    }
    document.getElementById("found").replaceChildren(...found.map(([account, fleet]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = "#" + encodeURIComponent(fleet);
      link.textContent = fleet;
      const name = document.createElement("bdi");
      name.className = "id";
      name.textContent = account;
      item.append(name, " → ", link);
      return item;
    }));
    document.getElementById("found-state").textContent =
      found.length ? put(words.found, { n: found.length }) : words.none;
  });

  // Folding: a link to a folded section opens it; two buttons open and fold all fleets.
  const openTarget = () => {
    let part = null;
    try { part = document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { /* not one of our links */ }
    const target = part;
    for (; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    target?.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  if (location.hash) openTarget();
  const fleets = document.querySelectorAll("details.fleet");
  document.getElementById("open-all")?.addEventListener("click", () => fleets.forEach((f) => { f.open = true; }));
  document.getElementById("fold-all")?.addEventListener("click", () => fleets.forEach((f) => { f.open = false; }));

  // Paper has no folds and no pages of rows: what is marked for paper is opened for printing and folded again.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details.print-open:not([open])")];
    for (const part of opened) part.open = true;
    for (const pager of pagers) if (pager.box.closest("details").open) pager.resize(Infinity);
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
    for (const pager of pagers) pager.resize(Number(pager.box.dataset.page));
  });
})();
