// Filters and sorts the table of all recordings, shows only those timelines that are in it, and draws small ones in it.
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

  // A small timeline a row, drawn when it comes into sight: a bar a segment, which plays where the recording does.
  const classes = JSON.parse(box.dataset.classes), WIDE = 1000, HIGH = 14;
  const number = (text) => parseInt(text, 36);
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
  const space = made("template", { innerHTML: "<svg></svg>" }).content.firstChild.namespaceURI;
  function drawn(tag, values, ...children) {
    const node = document.createElementNS(space, tag);
    for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  function bar(row, part, seconds, link) {
    const [label, start, length] = part.split(".").map(number), end = start + length;
    const [name, colour] = classes[label], from = start / 100, to = end / 100;
    const text = `${name}, ${clock(from)} to ${clock(to)}`;
    const x = (WIDE * from) / seconds, width = Math.max((WIDE * (to - from)) / seconds, 3);
    const shape = drawn("rect", { "data-part": `${from.toFixed(2)},${to.toFixed(2)}`, x, width, y: 2, height: HIGH - 4, fill: colour }, drawn("title", {}, text));
    if (!link) return drawn("g", { "data-class": name }, shape);
    const { path } = link.dataset, href = `${link.getAttribute("href")}#t=${from.toFixed(2)},${to.toFixed(2)}`;
    const values = { class: "play", href, tabindex: -1, "data-path": path, "data-title": `${row.dataset.recording} · ${text}` };
    return drawn("g", { "data-class": name }, drawn("a", values, shape));
  }
  function draw(row) {
    const parts = (row.dataset.line ?? "").split(" ").filter(Boolean);
    const seconds = Math.max(Number(row.cells[1].dataset.value), ...parts.map((part) => (number(part.split(".")[1]) + number(part.split(".")[2])) / 100));
    const link = row.querySelector("a.play"), bars = parts.map((part) => bar(row, part, seconds, link));
    row.querySelector(".line").append(drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": `Timeline of ${row.dataset.recording}` }, ...bars));
  }
  const head = made("th", { scope: "col", className: "word", textContent: "timeline" });
  details.querySelector("thead tr").cells[4].after(head);
  const sight = new IntersectionObserver((entries) => {
    const seen = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
    for (const row of seen) {
      sight.unobserve(row);
      draw(row);
    }
    if (seen.length) document.dispatchEvent(new CustomEvent("drawn", { detail: seen }));
  }, { rootMargin: "400px" });
  for (const row of rows) {
    row.cells[4].after(made("td", { className: "word line" }));
    sight.observe(row);
  }
})();
