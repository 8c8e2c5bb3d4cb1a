// Filters and sorts the table of all recordings, and shows only those timelines that are in it.
(() => {
  "use strict";
  const box = document.querySelector(".listing"), details = document.querySelector(".listed");
  const body = details.querySelector("tbody"), rows = [...body.rows];
  const timelines = [...document.querySelectorAll("article.recording")];
  const made = (tag, values = {}) => Object.assign(document.createElement(tag), values);
  const labelsOf = (row) => [...row.querySelectorAll("[data-class-name]")];

  const name = made("input", { type: "search", autocomplete: "off" });
  const cluster = made("select");
  const told = made("span");
  told.setAttribute("role", "status");
  const first = made("label", { textContent: "Name holds " }), second = made("label", { textContent: "Cluster " });
  first.append(name);
  second.append(cluster);
  box.append(first, second, told);

  // What clusters are called now: names may change while the page is open.
  function fill() {
    const chosen = cluster.value, shown = new Map();
    for (const row of rows) for (const label of labelsOf(row)) shown.set(label.dataset.className, label.textContent);
    const options = JSON.parse(box.dataset.labels).map((label) => made("option", { value: label, textContent: shown.get(label) ?? label }));
    cluster.replaceChildren(made("option", { value: "", textContent: "all" }), ...options);
    cluster.value = chosen;
  }
  function filter() {
    const wanted = name.value.trim().toLowerCase(), kept = new Set();
    for (const row of rows) {
      const fits = row.dataset.recording.toLowerCase().includes(wanted)
        && (!cluster.value || labelsOf(row).some((label) => label.dataset.className === cluster.value));
      row.hidden = !fits;
      if (fits) kept.add(row.dataset.recording);
    }
    for (const timeline of timelines) timeline.hidden = !kept.has(timeline.dataset.recording);
    const isFiltered = wanted || cluster.value;
    if (isFiltered) details.open = true;
    told.textContent = isFiltered ? `${kept.size} of ${rows.length} recordings, here and in the timelines above` : "";
  }
  name.addEventListener("input", filter);
  cluster.addEventListener("change", filter);
  cluster.addEventListener("focus", fill);

  // A button in each head sorts by its column, and the other way round when it is pressed again.
  const valueOf = (row, column) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const collator = new Intl.Collator(undefined, { numeric: true });
  [...details.querySelectorAll("thead th")].slice(0, 5).forEach((head, column) => {
    const button = made("button", { type: "button", className: "sort", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const isNumber = rows[0].cells[column].dataset.value !== undefined;
      const before = head.getAttribute("aria-sort");
      const order = before === "ascending" || (isNumber && !before) ? "descending" : "ascending";
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const compare = isNumber ? (a, b) => a - b : collator.compare;
      const sorted = rows.map((row) => [valueOf(row, column), row]).sort(([a], [b]) => sign * compare(a, b));
      body.append(...sorted.map(([, row]) => row));
    });
  });
  fill();
})();
