// Names of clusters, marks of segments, dropped recordings: saved by `hcutal label`, else kept by the browser and downloaded.
(() => {
  "use strict";
  const about = JSON.parse(document.getElementById("labelling").textContent);
  const shelf = `hcutal ${about.run} ${about.training}`;
  const clusters = new Map(about.clusters.map((row) => [String(row.cluster), row]));
  const all = (selector, top = document) => [...top.querySelectorAll(selector)];
  const keyOf = (mark) => JSON.stringify([mark.recording, Number(mark.start).toFixed(2), Number(mark.end).toFixed(2), mark.label]);
  const blank = () => ({ names: {}, marks: {}, dropped: {} });
  const isEmpty = (change) => Object.values(change).every((part) => !Object.keys(part).length);
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

  // What is said, what is not saved yet, and whether a server saves it.
  let said = blank(), pending = blank(), isServed = false, isBusy = false, doesRenew = false;
  const refreshers = [];

  function element(tag, values = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(values)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name in made && typeof value === "boolean") made[name] = value;
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Names: what clusters and labels are called now.
  const numbered = (cluster) => `cluster-${cluster.padStart(2, "0")}`;
  const isRenamed = (cluster) => (said.names[cluster] ?? "") !== clusters.get(cluster).name;
  function nameOf(cluster) {
    const row = clusters.get(cluster);
    return said.names[cluster] || (row.name ? numbered(cluster) : row.called) || numbered(cluster);
  }
  function shown(label) {
    const own = (about.labels[label] || []).map(String).filter((cluster) => clusters.has(cluster));
    const names = own.map((cluster) => (isRenamed(cluster) ? nameOf(cluster) : label));
    return names.length ? [...new Set(names)].join(" / ") : label;
  }
  const titles = new Map();
  function retitle(node, label, read, write) {
    if (!titles.has(node)) titles.set(node, read());
    write(titles.get(node).replace(label, () => shown(label)));
  }
  function showNames(top = document) {
    for (const node of all("[data-class-name]", top)) node.textContent = shown(node.dataset.className);
    for (const node of all("[data-class]", top)) {
      const label = node.dataset.class;
      for (const link of all("a.play", node)) {
        retitle(link, label, () => link.dataset.title, (text) => { link.dataset.title = text; });
      }
      for (const title of all("title", node)) {
        retitle(title, label, () => title.textContent, (text) => { title.textContent = text; });
      }
      const name = node.querySelector(":scope > text");
      if (name) {
        const whole = shown(label);
        name.firstChild.data = whole === label ? titles.get(name) ?? name.firstChild.data : whole.length > 20 ? `${whole.slice(0, 19)}…` : whole;
        if (!titles.has(name)) titles.set(name, name.firstChild.data);
      }
    }
    if (top !== document) return;
    const known = [...new Set([...clusters.keys()].map(nameOf))].sort();
    document.getElementById("known-names").replaceChildren(...known.map((name) => element("option", { value: name })));
  }
  function nameControls(group) {
    const own = group.dataset.clusters.split(" ").filter((cluster) => clusters.has(cluster));
    const together = element("p", { class: "together", role: "status" });
    for (const cluster of own) {
      const input = element("input", { type: "text", list: "known-names", maxlength: "200", autocomplete: "off", spellcheck: "false" });
      const select = element("select");
      const set = () => { if (input.value.trim() !== (said.names[cluster] ?? "")) say({ names: { [cluster]: input.value.trim() } }); };
      input.addEventListener("change", set);
      input.addEventListener("keydown", (event) => { if (event.key === "Enter") set(); });
      select.addEventListener("change", () => {
        const other = select.value;
        if (!other) return;
        const name = nameOf(other);
        say({ names: { [cluster]: name, ...(said.names[other] === name ? {} : { [other]: name }) } });
      });
      group.insertBefore(
        element(
          "div", { class: "naming" },
          element("label", {}, `Name of cluster ${cluster} `, input),
          ...(clusters.size > 1 ? [element("label", {}, "same as ", select)] : []),
        ),
        group.querySelector(".cards, details, .about ~ *") || null,
      );
      refreshers.push(() => {
        if (document.activeElement !== input) input.value = said.names[cluster] ?? "";
        input.placeholder = nameOf(cluster);
        const others = [...clusters.keys()].filter((number) => number !== cluster);
        const option = (number) => element("option", { value: number }, `${nameOf(number)}${nameOf(number) === numbered(number) ? "" : ` (cluster ${number})`}`);
        select.replaceChildren(element("option", { value: "" }, "choose a cluster…"), ...others.map(option));
      });
    }
    if (!own.length) return;
    group.querySelector(".naming:last-of-type, .naming").after(together);
    refreshers.push(() => {
      const mine = nameOf(own[0]);
      const others = [...clusters.keys()].filter((number) => !own.includes(number) && nameOf(number) === mine);
      together.textContent = others.length ? `One class with ${others.map((number) => `cluster ${number}`).join(", ")}.` : "";
      together.hidden = !others.length;
    });
  }

  // Marks: whether a segment is what it is called.
  const clustersOf = (label) => (about.labels[label] || []).join(" ");
  function segmentOf(node) {
    const recording = node.closest("[data-recording]"), group = node.closest("[data-class]");
    if (!recording || !group || !node.dataset.part) return null;
    const [start, end] = node.dataset.part.split(",").map(Number);
    const label = group.dataset.class;
    return { recording: recording.dataset.recording, start, end, label, clusters: clustersOf(label) };
  }
  // The cluster may have had another name when the mark was made.
  function labelOf(mark) {
    const own = mark.training === about.training ? mark.clusters.split(" ").filter(Boolean).map(Number) : [];
    const found = Object.entries(about.labels).find(([, numbers]) => numbers.some((number) => own.includes(number)));
    return found ? found[0] : mark.label;
  }
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;
  const spanOf = (segment) => `${clock(segment.start)} to ${clock(segment.end)}`;
  function markControls(segment, drops = true) {
    const key = keyOf(segment);
    const button = (verdict, text) => {
      const made = element("button", { type: "button", "aria-pressed": "false" }, text);
      made.addEventListener("click", () => {
        const now = said.marks[key];
        mark(now && now.verdict === verdict ? { verdict: "none", name: "" } : { verdict, name: "" });
      });
      return made;
    };
    const mark = (values) => say({ marks: { [key]: { ...segment, ...values } } });
    const right = button("right", "✓ right"), wrong = button("wrong", "✗ wrong");
    const input = element("input", { type: "text", list: "known-names", maxlength: "200", autocomplete: "off", placeholder: "what it is, if you know", "aria-label": "What it shows instead" });
    input.addEventListener("change", () => mark({ verdict: "wrong", name: input.value.trim() }));
    const box = element("div", { class: "mark", role: "group" }, right, wrong, ...(drops ? [dropButton(segment.recording, "drop")] : []), input);
    const refresh = () => {
      const now = said.marks[key];
      box.setAttribute("aria-label", `${segment.recording}, ${spanOf(segment)}: is it ${shown(segment.label)}?`);
      right.setAttribute("aria-pressed", String(now?.verdict === "right"));
      wrong.setAttribute("aria-pressed", String(now?.verdict === "wrong"));
      input.hidden = now?.verdict !== "wrong";
      if (document.activeElement !== input) input.value = now?.name ?? "";
    };
    box.refresh = refresh;
    refresh();
    return box;
  }
  function dropButton(recording, text) {
    const made = element("button", { type: "button", class: "drop", "aria-pressed": "false", "aria-label": `Drop the recording ${recording}`, "data-drops": recording }, text);
    made.addEventListener("click", () => say({ dropped: { [recording]: !said.dropped[recording] } }));
    return made;
  }
  function recordingControls(article) {
    const recording = article.dataset.recording;
    article.querySelector("h3").append(" ", dropButton(recording, "drop"));
    const bars = all("rect[data-part]", article);
    if (!bars.length) return;
    const list = element("ol", { class: "segments" });
    const details = element("details", { class: "marks" }, element("summary", {}, "Mark its segments"), list);
    details.addEventListener("toggle", () => {
      if (!details.open || list.childElementCount) return;
      for (const bar of bars) {
        const segment = segmentOf(bar), link = bar.closest("a.play");
        const text = () => `${shown(segment.label)}, ${spanOf(segment)}`;
        const name = link ? element("a", { class: "play", href: link.getAttribute("href"), "data-path": link.dataset.path, "data-title": link.dataset.title }) : element("span");
        const refresh = () => { name.textContent = text(); };
        refreshers.push(refresh);
        refresh();
        const controls = markControls(segment, false);
        refreshers.push(controls.refresh);
        list.append(element("li", { "data-part": bar.dataset.part, "data-class": segment.label }, name, controls));
      }
    });
    article.append(details);
  }
  function playerControls() {
    const player = document.getElementById("player");
    if (!player) return;
    const box = element("div");
    player.append(box);
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.play");
      if (!link) return;
      const node = link.querySelector("[data-part]") || link.closest("[data-part]");
      const segment = node && segmentOf(node), recording = link.closest("[data-recording]");
      box.replaceChildren(segment ? markControls(segment) : recording ? element("div", { class: "mark" }, dropButton(recording.dataset.recording, "drop")) : "");
      showDropped();
    });
    refreshers.push(() => box.firstElementChild?.refresh?.());
  }
  function showDropped() {
    for (const node of all("[data-drops]")) node.setAttribute("aria-pressed", String(Boolean(said.dropped[node.dataset.drops])));
    for (const node of all("[data-recording]")) node.classList.toggle("dropped", Boolean(said.dropped[node.dataset.recording]));
    showWrong();
  }
  function showWrong(top = document) {
    for (const node of all("rect[data-part], .card[data-part]", top)) {
      const segment = segmentOf(node);
      node.classList.toggle("is-wrong", Boolean(segment) && said.marks[keyOf(segment)]?.verdict === "wrong");
    }
  }

  // The bar below: what is said, where it is kept, and what there is to be done with it.
  const summary = element("span"), state = element("span", { role: "status" }), hint = element("p");
  const button = (text, act) => element("button", { type: "button", onclick: act }, text);
  const renewal = button("Bring the results up to date", () => renew());
  const begin = button("Begin a new table, keep the old one", () => { doesRenew = true; send(); });
  const again = button("Try again", () => send());
  const downloads = [
    ["names", () => Object.keys(said.names).length, namesTable],
    ["marks", () => Object.keys(said.marks).length, marksTable],
    ["dropped", () => Object.keys(said.dropped).length, droppedTable],
  ].map(([what, number, table]) => {
    const made = button("", () => download(about.files[what].split("/").pop(), table()));
    made.textContent = `Download ${about.files[what].split("/").pop()}`;
    refreshers.push(() => { made.hidden = (isServed && state.dataset.kind !== "lost") || !number(); });
    return made;
  });
  const agreed = element("p", { class: "agreed" });
  const bar = element("aside", { id: "said", "aria-label": "Names and marks" }, element("p", {}, summary, " ", state), agreed, element("p", { class: "actions" }, renewal, begin, again, ...downloads), hint);

  function tell(text, kind = "") { state.textContent = text; state.dataset.kind = kind; }
  function showBar() {
    const renamed = [...clusters.keys()].filter(isRenamed).length;
    const numbers = [[Object.values(said.names).filter(Boolean).length, "name"], [Object.keys(said.marks).length, "mark"], [Object.keys(said.dropped).length, "dropped recording"]];
    const marks = Object.values(said.marks), right = marks.filter((mark) => mark.verdict === "right").length;
    summary.textContent = numbers.filter(([number]) => number).map(([number, noun]) => count(number, noun) + (noun === "mark" ? ` (${right} right)` : "")).join(", ");
    const isSomething = numbers.some(([number]) => number) || renamed > 0;
    bar.hidden = !isSomething && !state.textContent;
    begin.hidden = state.dataset.kind !== "other";
    again.hidden = state.dataset.kind !== "lost";
    renewal.hidden = !isServed || !renamed || state.dataset.kind === "other";
    renewal.disabled = isRunning;
    hint.textContent = isServed
      ? ""
      : `Kept by this browser alone. Put the files into the folder labels/ of the project, then: hcutal run ${about.run}. Saved at once: hcutal label ${about.run}`;
  }
  function show() {
    showNames();
    for (const refresh of refreshers) refresh();
    showDropped();
    showBar();
  }

  // Tables, as hcutal writes and reads them.
  const cell = (value) => (/[",\r\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  const table = (columns, rows) => [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((row) => row.map(cell).join(",")).join("\n") + "\n";
  function namesTable() { return table(about.columns, about.clusters.map((row) => ({ ...row, name: said.names[row.cluster] ?? "" }))); }
  function marksTable() {
    const columns = ["recording", "start", "end", "label", "clusters", "verdict", "name", "training"];
    return table(columns, Object.values(said.marks).map((mark) => ({ training: about.training, ...mark })));
  }
  function droppedTable() { return table(["recording"], Object.keys(said.dropped).sort().map((recording) => ({ recording }))); }
  function download(name, text) {
    const link = element("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // Saying, keeping, sending.
  function apply(change, target) {
    for (const [cluster, name] of Object.entries(change.names ?? {})) if (name) target.names[cluster] = name; else delete target.names[cluster];
    for (const [key, mark] of Object.entries(change.marks ?? {})) if (mark.verdict === "none") delete target.marks[key]; else target.marks[key] = mark;
    for (const [name, isDropped] of Object.entries(change.dropped ?? {})) if (isDropped) target.dropped[name] = true; else delete target.dropped[name];
  }
  const joined = (first, second) => Object.fromEntries(Object.keys(first).map((part) => [part, { ...first[part], ...second[part] }]));
  function say(change) {
    pending = joined(pending, { ...blank(), ...change });
    apply(change, said);
    show();
    send();
  }
  function keep() {
    try { localStorage.setItem(shelf, JSON.stringify(said)); tell("kept"); } catch { tell("not kept when this page is closed: download the files", "warn"); }
    pending = blank();
    showBar();
  }
  function read(answer) {
    said = blank();
    agreed.textContent = (answer.agreement ?? []).join("; ");
    if (answer.named_training === null || answer.named_training === about.training) said.names = { ...answer.names };
    for (const mark of answer.marks) said.marks[keyOf({ ...mark, label: labelOf(mark) })] = mark;
    for (const name of answer.dropped) said.dropped[name] = true;
    apply(pending, said);
  }
  async function send() {
    if (!isServed) { keep(); return; }
    if (isBusy || isEmpty(pending)) return;
    const sent = pending;
    pending = blank();
    isBusy = true;
    tell("saving…");
    try {
      const marks = Object.values(sent.marks).map(({ recording, start, end, label, clusters: own, verdict, name }) => ({ recording, start, end, label, clusters: own, verdict, name }));
      const body = JSON.stringify({ training: about.training, names: sent.names, marks, dropped: sent.dropped, renew: doesRenew });
      const answer = await fetch("labels", { method: "POST", headers: { "Content-Type": "application/json" }, body });
      const value = await answer.json();
      if (answer.ok) {
        doesRenew = false;
        tell("saved in labels/");
        read(value);
      } else {
        const now = answer.status === 409 ? value : await (await fetch("labels")).json();
        if (now.error) pending = joined(sent, pending);
        else read(now);
        tell(`not saved: ${value.error}`, answer.status === 409 && value.error.includes("--renew") ? "other" : "warn");
      }
    } catch {
      pending = joined(sent, pending);
      tell(`not saved: hcutal label ${about.run} has ended; start it again, or download the files`, "lost");
    }
    isBusy = false;
    show();
    if (!state.dataset.kind) send();
  }

  // The run that brings the results up to date.
  let isRunning = false;
  async function renew() {
    await send();
    isRunning = true;
    showBar();
    try {
      await fetch("run", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
      for (;;) {
        const now = await (await fetch("run")).json();
        if (!now.running) {
          if (now.status === 0) { location.reload(); return; }
          tell(`the run failed: ${now.lines.slice(-3).join(" ")}`, "warn");
          break;
        }
        tell(now.lines.at(-1) || "running…");
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    } catch { tell(`hcutal label ${about.run} has ended; start it again`, "lost"); }
    isRunning = false;
    showBar();
  }

  async function begin_() {
    document.body.append(element("datalist", { id: "known-names" }));
    if (location.protocol.startsWith("http")) {
      try {
        const answer = await fetch("labels");
        const value = await answer.json();
        if (answer.ok && value.run === about.run) { isServed = true; read(value); }
        // A table that was edited badly: nothing can be saved before it is mended.
        if (value.error) { isServed = true; tell(value.error, "warn"); }
      } catch { /* another server: the browser keeps what is said */ }
    }
    if (!isServed) {
      for (const [cluster, row] of clusters) if (row.name) said.names[cluster] = row.name;
      try { said = { ...said, ...JSON.parse(localStorage.getItem(shelf) ?? "{}") }; } catch { /* nothing is kept */ }
    }
    for (const group of all(".group[data-clusters]")) nameControls(group);
    for (const card of all(".card[data-part]")) {
      const controls = markControls(segmentOf(card));
      refreshers.push(controls.refresh);
      card.append(controls);
    }
    for (const article of all("article.recording")) recordingControls(article);
    for (const row of all("tr[data-recording]")) row.querySelector(".actions").append(" ", dropButton(row.dataset.recording, "drop"));
    // Timelines of the table are drawn when they come into sight.
    document.addEventListener("drawn", (event) => { for (const row of event.detail) { showNames(row); showWrong(row); } });
    playerControls();
    (document.querySelector("main") ?? document.body).append(bar);
    window.addEventListener("beforeunload", (event) => { if (isServed && !isEmpty(pending)) event.preventDefault(); });
    document.documentElement.classList.add("labelling");
    show();
  }
  begin_();
})();
