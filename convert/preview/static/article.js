/* An article: its views side by side, and the way from one article to the next. */
"use strict";

(() => {
  const { element, place } = plainwiki;
  const main = document.getElementById("content");
  const id = main.dataset.id;
  const panes = [...document.querySelectorAll(".pane")];
  const bar = document.getElementById("views");
  const paneOf = (name) => panes.find((pane) => pane.dataset.view === name);
  const choices = new Map(new URLSearchParams(location.search).getAll("choose").map((choice) => {
    const [number, ...name] = choice.split(":");
    return [number, name.join(":")];
  }));
  const query = () => [...choices].map(([number, name]) => `choose=${encodeURIComponent(`${number}:${name}`)}`).join("&");

  // ── Views

  const wide = matchMedia("(min-width: 62rem)");
  const widest = matchMedia("(min-width: 110rem)");
  const room = () => (widest.matches ? 3 : wide.matches ? 2 : 1);
  let views = plainwiki.recall("views", ["page", "source"]).filter(paneOf);
  if (!views.length) views = ["page"];

  let isEditing = false;
  const open = () => (!isEditing ? views.slice(0, room()) : room() === 1 ? ["edit"] : ["page", "edit"]);

  function arrange() {
    const now = open();
    for (const view of panes) view.hidden = !now.includes(view.dataset.view);
    for (const button of bar.querySelectorAll(".view-button[data-view]")) button.setAttribute("aria-pressed", String(now.includes(button.dataset.view)));
    document.getElementById("panes").dataset.count = now.length;
    for (const name of now) load(paneOf(name));
    showButton(bar.querySelector(".view-button[aria-pressed=true]"));
  }

  /** Bring the button of the open view into sight, where the bar has more than fit. */
  function showButton(button) {
    if (!button || bar.scrollWidth <= bar.clientWidth) return;
    const [from, to] = [button.getBoundingClientRect(), bar.getBoundingClientRect()];
    bar.scrollLeft += Math.min(0, from.left - to.left) || Math.max(0, from.right - to.right + 32);
  }

  function toggle(name) {
    if (isEditing) return;
    const now = open();
    const kept = place.read(paneOf(now[0]));
    if (room() === 1) views = [name, ...views.filter((view) => view !== name)];
    else if (!now.includes(name)) views = [...(now.length < room() ? now : now.slice(0, -1)), name];
    else if (now.length > 1) views = now.filter((view) => view !== name);
    plainwiki.remember("views", views);
    arrange();
    for (const view of open()) place.show(paneOf(view), kept);
  }

  /** Fetch; retry once when a kept-alive connection was lost. */
  const asked = (address) => fetch(address).catch(() => fetch(address));

  async function load(which) {
    if (!which.dataset.absent) return;
    delete which.dataset.absent;
    which.setAttribute("aria-busy", "true");
    const name = which.dataset.view;
    try {
      const answer = await asked(`${plainwiki.root}article/${id}/${name}?${query()}`);
      if (!answer.ok) throw new Error(answer.statusText);
      const kept = place.read(paneOf(open()[0]));
      put(which, new DOMParser().parseFromString(await answer.text(), "text/html").body);
      if (which !== paneOf(open()[0])) place.show(which, kept);
    } catch {
      which.dataset.absent = "1";
      which.replaceChildren(element("p", { class: "nothing" }, "This view could not be had: is the preview still running?"));
    }
    which.removeAttribute("aria-busy");
  }

  function put(which, content) {
    const offset = which.scrollTop;
    which.replaceChildren(...content.childNodes);
    which.scrollTop = offset;
  }

  wide.addEventListener("change", arrange);
  widest.addEventListener("change", arrange);

  // The view that a person scrolls leads; the others follow.
  let leader = null;
  let due = false;
  for (const pane of panes) {
    for (const kind of ["pointerenter", "wheel", "touchstart", "focusin", "keydown"]) {
      pane.addEventListener(kind, () => { leader = pane; }, { passive: true });
    }
    pane.addEventListener("scroll", () => {
      if (pane !== leader || due || open().length < 2) return;
      due = true;
      requestAnimationFrame(() => {
        due = false;
        const now = place.read(pane);
        for (const name of open()) if (paneOf(name) !== pane) place.show(paneOf(name), now);
      });
    }, { passive: true });
  }

  document.getElementById("panes").addEventListener("click", (event) => {
    const button = event.target.closest(".copy");
    if (button) plainwiki.copy(button.closest(".pane").querySelector("code"));
  });

  bar.addEventListener("click", (event) => {
    const button = event.target.closest(".view-button[data-view]");
    if (button) toggle(button.dataset.view);
    if (event.target.id !== "to-remarks") return;
    if (!open().includes("source")) toggle("source");
    const wait = setInterval(() => {
      const remark = paneOf("source").querySelector(".remark");
      if (!remark) return;
      clearInterval(wait);
      remark.scrollIntoView({ block: "center" });
    }, 30);
  });

  // ── Refresh: fetch the page again and replace its parts

  let refreshes = 0;

  async function refresh(message) {
    const number = ++refreshes;
    const answer = await asked(`${plainwiki.root}article/${id}?${query()}`);
    if (!answer.ok) { plainwiki.tell("This article is no longer there.", true); return; }
    const text = await answer.text();
    if (message) plainwiki.tell(message);
    // A later request, perhaps with other choices, has overtaken this one.
    if (number !== refreshes) return;
    const fresh = new DOMParser().parseFromString(text, "text/html");
    const opened = [...document.querySelectorAll(".decision")].map((decision) => decision.open);
    const focused = document.activeElement?.dataset?.view;
    for (const name of ["decisions", "where", "views", "left"]) document.getElementById(name).replaceChildren(...fresh.getElementById(name).childNodes);
    if (focused) bar.querySelector(`[data-view="${focused}"]`)?.focus();
    document.querySelectorAll(".decision").forEach((decision, number) => { decision.open = opened[number] ?? decision.open; });
    document.title = fresh.title;
    main.dataset.edition = fresh.getElementById("content").dataset.edition;
    // What somebody is writing stays.
    for (const pane of panes) if (!["page", "edit"].includes(pane.dataset.view)) pane.dataset.absent = "1";
    if (!isEditing) put(paneOf("page"), fresh.getElementById("view-page"));
    arrange();
    document.dispatchEvent(new Event("refreshed"));
  }

  plainwiki.listen(() => ({ id, edition: main.dataset.edition }), {
    article: (edition) => { if (String(edition) !== main.dataset.edition) refresh(edition && !plainwiki.isOwnChange() ? "Changed, and shown anew." : ""); },
    list: () => step(),
    doubtful: (count) => { document.querySelector("#left .count").textContent = count.toLocaleString("en"); document.getElementById("left").dataset.none = String(!count); },
  });

  // ── From article to article, in the order of the list

  const order = plainwiki.recall("order", [], "sessionStorage");
  const back = document.querySelector(".brand");
  back.href += plainwiki.recall("list", "", "sessionStorage");

  function step() {
    const at = order.indexOf(id);
    if (at < 0) return;
    const name = plainwiki.recall("list-name", "", "sessionStorage");
    document.getElementById("position").textContent = `${(at + 1).toLocaleString("en")} of ${order.length.toLocaleString("en")}${name ? ` ${name}` : ""}`;
    for (const [link, to] of [["previous", order[at - 1]], ["next", order[at + 1]]]) {
      const anchor = document.getElementById(link);
      if (to) anchor.href = plainwiki.address(to); else anchor.removeAttribute("href");
    }
  }

  const go = (name) => () => document.getElementById(name).click();
  Object.assign(plainwiki.keys, {
    j: go("next"), n: go("next"), k: go("previous"), p: go("previous"),
    "/": () => { location.href = `${back.href}#q`; },
    i: () => { const first = document.querySelector(".decision"); if (first) { first.open = true; first.querySelector("summary").focus(); } },
    d: () => {
      if (plainwiki.live) { location.href = `${plainwiki.root}doubtful?after=${id}`; return; }
      const doubtful = plainwiki.recall("doubtful", [], "sessionStorage").filter((article) => article !== id);
      const behind = doubtful.find((article) => order.indexOf(article) > order.indexOf(id)) ?? doubtful[0];
      if (behind) location.href = plainwiki.address(behind); else plainwiki.tell("There is no other doubtful infobox.");
    },
  });
  for (const button of bar.querySelectorAll(".view-button[data-view]")) plainwiki.keys[button.dataset.key] = () => toggle(button.dataset.view);

  /** What decide.js and edit.js need. */
  plainwiki.article = {
    id, choices, query, refresh, put, paneOf,
    edit(on) { isEditing = on; main.classList.toggle("is-editing", on); arrange(); },
    get isEditing() { return isEditing; },
  };

  step();
  arrange();
})();
