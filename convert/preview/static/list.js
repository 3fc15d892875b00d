/* The list: holds all rows; searches, filters and pages them. */
"use strict";

(() => {
  const PAGE = 100;
  const { element } = plainwiki;
  const at = (id) => document.getElementById(id);
  const state = Object.fromEntries(new URLSearchParams(location.search));
  let pieces = [];
  let rows = [];
  let shown = [];
  let latest = { generation: -1, version: -1 };
  let first = 0;
  let marked = -1;
  /** The articles whose text has the query, as the server finds them. */
  let found = { ids: new Set(), excerpts: {} };

  // ── Query

  const doubtful = (row) => row.boxes.some((box) => box.doubtful);
  const doubt = (row) => Math.min(2, ...row.boxes.map((box) => (box.doubtful ? box.probability : 1 + box.probability)));
  const CHIPS = [
    ["", "All", () => true],
    ["doubtful", "Doubtful infobox", doubtful],
    ["decided", "Decided", (row) => row.decided],
    ["warnings", "Warnings", (row) => row.counts[1] > 0],
    ["rejected", "Rejected", (row) => row.refusal !== ""],
  ];
  /** What an upload would find, by what it would do. */
  const STATES = { create: "new", update: "differs", keep: "same", untouched: "differs, kept", conflict: "conflict", refuse: "refused" };
  const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const names = (row) => (row.boxes.length ? row.boxes.map((box) => box.template ?? "generic") : row.read && !row.refusal ? ["no infobox"] : []);
  const ORDERS = {
    title: (a, b) => a.title.localeCompare(b.title),
    read: () => 0,
    template: (a, b) => names(a).join().localeCompare(names(b).join()) || a.title.localeCompare(b.title),
    doubt: (a, b) => doubt(a) - doubt(b),
    remarks: (a, b) => b.counts[0] - a.counts[0] || b.counts[1] - a.counts[1] || b.counts[2] - a.counts[2],
  };

  function fits(row, but = "") {
    return (
      (but === "show" || !state.show || CHIPS.find(([name]) => name === state.show)?.[2](row)) &&
      (but === "q" || !state.q || row.folded.includes(folded(state.q)) || found.ids.has(row.id)) &&
      (but === "template" || !state.template || names(row).includes(state.template)) &&
      (but === "code" || !state.code || row.codes.includes(state.code)) &&
      (but === "plan" || !state.plan || row.plan === state.plan)
    );
  }

  function choose(name, value) {
    if (value) state[name] = value; else delete state[name];
    first = 0;
    marked = -1;
    if (name === "q") { found = { ids: new Set(), excerpts: {} }; search(); }
    const query = new URLSearchParams(state).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
    draw();
  }

  // ── Search in texts: the server reads them when it is first asked, and finds more each time

  const PAUSE_MS = 200;
  let searchTimer = 0;
  let searches = 0;

  function search() {
    clearTimeout(searchTimer);
    const query = state.q ?? "";
    const number = ++searches;
    at("searching").hidden = true;
    if (!plainwiki.live || query.length < 2) { found = { ids: new Set(), excerpts: {} }; return; }
    searchTimer = setTimeout(() => searchTexts(query, number), PAUSE_MS);
  }

  async function searchTexts(query, number, before = -1) {
    const answer = await fetch(`${plainwiki.root}search.json?q=${encodeURIComponent(query)}`).catch(() => null);
    if (!answer?.ok || number !== searches) return;
    const said = await answer.json();
    found = { ids: new Set(said.ids), excerpts: said.excerpts };
    const isWaiting = said.searched < said.articles && !said.limited;
    at("searching").hidden = said.searched >= said.articles;
    at("searching").textContent = said.limited
      ? `The texts of ${said.searched.toLocaleString("en")} files are searched; of the others titles and names.`
      : `The texts of ${said.searched.toLocaleString("en")} of ${said.articles.toLocaleString("en")} files are searched …`;
    draw();
    // What is not read yet comes with the list.
    if (isWaiting) searchTimer = setTimeout(() => searchTexts(query, number, said.searched), said.searched > before ? 0 : PAUSE_MS);
  }

  // ── Display

  /** The order in use: doubtful articles come the most doubtful first, unless another is chosen. */
  const orderName = () => state.order ?? (state.show === "doubtful" ? "doubt" : "read");

  function draw() {
    shown = rows.filter((row) => fits(row));
    shown.sort(ORDERS[orderName()] ?? ORDERS.read);
    at("order").value = orderName();
    for (const head of at("articles").querySelectorAll("th[data-order]")) {
      if (head.dataset.order === orderName()) head.setAttribute("aria-sort", "other"); else head.removeAttribute("aria-sort");
    }
    first = Math.min(first, Math.max(0, Math.floor((shown.length - 1) / PAGE) * PAGE));
    const some = shown.slice(first, first + PAGE);
    const focused = document.activeElement?.closest?.("#rows tr")?.dataset.id;
    at("rows").replaceChildren(...some.map(line));
    if (focused) at("rows").querySelector(`tr[data-id="${focused}"] a`)?.focus();
    at("articles").hidden = !some.length;
    at("nothing").hidden = some.length > 0 || !rows.length;
    at("pager").hidden = shown.length <= PAGE;
    at("range").textContent = `${(first + 1).toLocaleString("en")} to ${(first + some.length).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`;
    at("earlier").disabled = first === 0;
    at("later").disabled = first + PAGE >= shown.length;
    drawChips();
    drawSelect("template", names);
    drawSelect("code", (row) => row.codes);
    if (at("plan")) drawSelect("plan", (row) => (row.plan ? [row.plan] : []));
    plainwiki.remember("order", shown.map((row) => row.id), "sessionStorage");
    plainwiki.remember("doubtful", rows.filter(doubtful).sort(ORDERS.doubt).map((row) => row.id), "sessionStorage");
    plainwiki.remember("list", location.search, "sessionStorage");
    plainwiki.remember("list-name", listName(), "sessionStorage");
    mark(marked);
  }

  function listName() {
    const chip = CHIPS.find(([name]) => name === state.show)?.[1].toLowerCase();
    return Object.keys(state).some((name) => name !== "order" && name !== "show") ? "found" : chip ?? "";
  }

  function line(row) {
    const title = element("a", { href: plainwiki.address(row.id) }, row.title || "Untitled");
    const place = row.source + (row.line > 1 ? `:${row.line}` : "");
    const cells = [
      element("th", { scope: "row" }, title, element("span", { class: "path" }, place), state.q && found.excerpts[row.id] ? element("span", { class: "excerpt", dir: "auto" }, found.excerpts[row.id]) : null),
      element("td", { class: "boxes" }, ...row.boxes.map(box), row.decided ? element("span", { class: "badge is-decided" }, "✓ decided") : null),
      element("td", { class: "remarks" }, ...remarks(row)),
    ];
    if (at("plan")) cells.push(element("td", { class: "plan" }, row.plan && element("span", { class: `badge plan-${row.plan}` }, STATES[row.plan] ?? row.plan)));
    return element("tr", { "data-id": row.id, class: row.read ? null : "is-unread" }, ...cells);
  }

  function box(infobox) {
    const name = element("span", { class: "template" }, infobox.template ?? "generic");
    const sure = `${Math.min(99, Math.floor(infobox.probability * 100))} %`;
    if (infobox.probability >= 1) return element("span", { class: "box" }, name);
    if (!infobox.doubtful) return element("span", { class: "box" }, name, element("span", { class: "share" }, `${sure} sure`));
    const meter = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [key, value] of [["class", "meter is-doubtful"], ["viewBox", "0 0 100 8"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]]) meter.setAttribute(key, value);
    const bar = meter.appendChild(document.createElementNS(meter.namespaceURI, "rect"));
    bar.setAttribute("width", 100 * infobox.probability);
    bar.setAttribute("height", 8);
    const said = infobox.template ? `${sure} sure` : infobox.foreign ? "no template of this language is known" : "no template fits";
    return element("span", { class: "box is-doubtful" }, name, meter, element("span", { class: "sure" }, said));
  }

  function remarks(row) {
    if (row.refusal) return [element("span", { class: "badge is-error" }, "rejected"), element("span", { class: "reason" }, row.refusal)];
    // Notes are shown in the article only: most of them repeat the infobox column.
    const counts = [["error", row.counts[0]], ["warning", row.counts[1]]];
    return counts.filter(([, count]) => count).map(([name, count]) =>
      element("span", { class: `badge is-${name}`, title: row.codes.join(", ") }, `${count} ${name}${count > 1 ? "s" : ""}`));
  }

  function drawChips() {
    const counted = rows.filter((row) => fits(row, "show"));
    const made = CHIPS.map(([name, label, test]) => {
      const count = counted.filter(test).length;
      const pressed = (state.show ?? "") === name;
      const chip = element("button", { type: "button", class: `chip chip-${name || "all"}`, "aria-pressed": String(pressed), "data-show": name, "data-none": String(!count) },
        label, " ", element("span", { class: "count" }, count.toLocaleString("en")));
      chip.addEventListener("click", () => choose("show", name));
      return chip;
    });
    const focused = document.activeElement?.dataset?.show;
    at("chips").replaceChildren(...made);
    if (focused !== undefined) made.find((chip) => chip.dataset.show === focused)?.focus();
  }

  function drawSelect(name, values) {
    const counts = new Map();
    for (const row of rows) if (fits(row, name)) for (const value of new Set(values(row))) counts.set(value, (counts.get(value) ?? 0) + 1);
    if (state[name] && !counts.has(state[name])) counts.set(state[name], 0);
    const sorted = [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
    const text = JSON.stringify([sorted, state[name]]);
    const select = at(name);
    if (select.dataset.drawn === text || document.activeElement === select) return;
    select.dataset.drawn = text;
    select.replaceChildren(element("option", { value: "" }, "any"), ...sorted.map(([value, count]) =>
      element("option", { value, selected: value === state[name] }, `${(name === "plan" && STATES[value]) || value} (${count.toLocaleString("en")})`)));
  }

  // ── Rows

  function take(changes) {
    if (changes.generation !== latest.generation) pieces = [];
    latest = changes;
    for (const [number, changedRows] of changes.changed) {
      pieces[number] = changedRows.map((row) => ({ line: 0, read: true, refusal: "", boxes: [], codes: [], counts: [0, 0, 0], plan: "", decided: false, ...row, folded: folded(`${row.title}\n${row.source}`) }));
      for (const row of pieces[number]) row.boxes = row.boxes.map((infobox) => ({ doubtful: false, ...infobox }));
    }
    pieces.length = changes.pieces;
    rows = pieces.flat();
    const progress = at("progress");
    progress.hidden = changes.scanned && changes.read >= changes.pieces;
    if (changes.pieces) { progress.max = changes.pieces; progress.value = changes.read; }
    at("summary").textContent = summary(changes);
    if (at("wiki")) { at("wiki").hidden = !changes.wiki; at("wiki").querySelector("span").textContent = changes.wiki; }
    if (at("upload")) {
      const writes = rows.filter((row) => row.plan === "create" || row.plan === "update").length;
      at("upload").hidden = !writes;
      at("upload").querySelector(".count").textContent = writes === 1 ? "1 page" : `${writes.toLocaleString("en")} pages`;
    }
    if (changes.changed.length) document.dispatchEvent(new CustomEvent("rows", { detail: rows }));
    at("articles").classList.toggle("has-no-plans", !rows.some((row) => row.plan));
    draw();
  }

  function summary(changes) {
    const count = (number, name) => `${number.toLocaleString("en")} ${name}${number === 1 ? "" : "s"}`;
    const wrong = rows.length === 1 && rows[0].codes.includes("empty") && rows[0].refusal;
    if (wrong) return `There are no articles: ${rows[0].refusal}`;
    const parts = [count(rows.length, "article") + (changes.limited ? " (the inputs have more, which are not listed: name fewer)" : "")];
    if (!changes.scanned || changes.read < changes.pieces) parts.push(`${changes.read.toLocaleString("en")} of ${count(changes.pieces, "file")} read so far`);
    const look = rows.filter(doubtful).length;
    if (look) parts.push(`${look.toLocaleString("en")} with a doubtful infobox`);
    else if (changes.scanned && changes.read >= changes.pieces) parts.push("no doubtful infobox");
    return parts.join(" · ");
  }

  let asking = false;
  let again = false;
  async function ask() {
    if (asking) { again = true; return; }
    asking = true;
    try {
      const answer = await fetch(`${plainwiki.root}index.json?generation=${latest.generation}&since=${latest.version}`);
      take(await answer.json());
    } catch {
      at("summary").textContent = plainwiki.gone;
    }
    asking = false;
    if (again) { again = false; setTimeout(ask, 300); }
  }

  // ── Keyboard and mouse

  function mark(number, focus = false) {
    marked = Math.max(-1, Math.min(number, shown.length - 1));
    if (focus && marked >= 0 && (marked < first || marked >= first + PAGE)) { first = Math.floor(marked / PAGE) * PAGE; draw(); }
    const lines = [...at("rows").children];
    lines.forEach((line, place) => line.classList.toggle("is-marked", place === marked - first));
    if (focus) lines[marked - first]?.querySelector("a").focus();
  }

  const turn = (pages) => { first += pages * PAGE; marked = -1; draw(); window.scrollTo(0, 0); at("rows").querySelector("a")?.focus({ preventScroll: true }); };
  at("q").value = state.q ?? "";
  at("q").addEventListener("input", () => choose("q", at("q").value.trim()));
  at("q").addEventListener("keydown", (event) => { if (event.key === "ArrowDown") mark(0, true); });
  for (const name of ["template", "code", "plan", "order"]) at(name)?.addEventListener("change", () => choose(name, at(name).value));
  at("filters").addEventListener("submit", (event) => { event.preventDefault(); if (shown.length) location.href = plainwiki.address(shown[0].id); });
  at("reset").addEventListener("click", () => { for (const name of Object.keys(state)) delete state[name]; at("q").value = ""; choose("q", ""); at("q").focus(); });
  at("articles").tHead.addEventListener("click", (event) => {
    const order = event.target.closest("th[data-order]")?.dataset.order;
    if (order) choose("order", orderName() === order ? "read" : order);
  });
  const dense = at("dense");
  dense.checked = plainwiki.recall("dense", false);
  const thin = () => at("articles").classList.toggle("is-dense", dense.checked);
  dense.addEventListener("change", () => { plainwiki.remember("dense", dense.checked); thin(); });
  thin();
  at("earlier").addEventListener("click", () => turn(-1));
  at("later").addEventListener("click", () => turn(1));
  Object.assign(plainwiki.keys, {
    "/": () => at("q").focus(),
    j: () => mark(marked + 1, true), n: () => mark(marked + 1, true),
    k: () => mark(Math.max(0, marked - 1), true), p: () => mark(Math.max(0, marked - 1), true),
    d: () => choose("show", state.show === "doubtful" ? "" : "doubtful"),
  });

  if (plainwiki.live) {
    ask();
    search();
    plainwiki.listen(() => ({}), { list: (version) => { if (version !== latest.version) ask(); } });
  } else {
    take(JSON.parse(at("data").textContent));
  }
})();
