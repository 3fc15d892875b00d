/* Shared by all pages of the preview: keys, the help, and notices of changes. */
"use strict";

const plainwiki = {
  root: document.body.dataset.root,
  live: document.body.dataset.live === "1",
  token: document.body.dataset.token,
  /** Actions by key. */
  keys: {},

  /** Make an element; strings become text and never markup. */
  element(name, attributes = {}, ...children) {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return node;
  },

  /** Show a message at the foot of the page, and announce it to screen readers. */
  tell(text, isError = false, action = null) {
    const notice = document.getElementById("told");
    notice.replaceChildren(text, ...(action ? [" · ", action] : []));
    notice.className = isError ? "is-shown is-error" : "is-shown";
    clearTimeout(plainwiki.telling);
    if (text === plainwiki.gone) return;
    plainwiki.telling = setTimeout(() => { notice.className = ""; }, isError || action ? 12000 : 4000);
  },

  /** Store a value between pages, where the browser allows it. */
  remember(name, value, store = "localStorage") {
    try { window[store].setItem(`plainwiki.${name}`, JSON.stringify(value)); } catch { /* private windows refuse */ }
  },
  recall(name, otherwise, store = "localStorage") {
    try { return JSON.parse(window[store].getItem(`plainwiki.${name}`)) ?? otherwise; } catch { return otherwise; }
  },

  /** Ask for a change; return what became of it, or nothing, after saying why. */
  async post(path, asked, isQuiet = false) {
    const answer = await fetch(`${plainwiki.root}${path}`, {
      method: "POST", headers: { "X-Plainwiki-Token": plainwiki.token, "Content-Type": "application/json" }, body: JSON.stringify(asked),
    }).catch(() => null);
    const said = await answer?.json().catch(() => null);
    if (answer?.ok) return said;
    if (!isQuiet) plainwiki.tell(said?.problem ?? (answer ? "This page is of an earlier run of the preview: load it again." : plainwiki.gone), true);
    return null;
  },

  /** Copy the text of an element, or mark it where the browser does not let it be copied. */
  async copy(code) {
    try {
      await navigator.clipboard.writeText((code?.textContent ?? "").replaceAll("\u200b", ""));
      plainwiki.tell("Copied.");
    } catch {
      getSelection().selectAllChildren(code);
      plainwiki.tell("The browser lets nothing be copied: press Ctrl+C.");
    }
  },

  // ── Changes: the last one can be undone, also from the next page.

  changed(done, article) { plainwiki.remember("change", { ...done, article, isNew: true }, "sessionStorage"); plainwiki.changedAt = Date.now(); },
  isOwnChange() { return Date.now() - (plainwiki.changedAt ?? 0) < 3000; },

  /** Say what was changed, with an undo. */
  tellChange() {
    const change = plainwiki.recall("change", null, "sessionStorage");
    if (!change?.isNew) return;
    plainwiki.remember("change", { ...change, isNew: false }, "sessionStorage");
    plainwiki.changedAt = Date.now();
    const undo = plainwiki.element("button", { type: "button", class: "undo" }, "Undo");
    undo.addEventListener("click", plainwiki.undo);
    plainwiki.tell(change.message, false, undo);
  },

  async undo() {
    const change = plainwiki.recall("change", null, "sessionStorage");
    if (!change) { plainwiki.tell("There is nothing to undo."); return; }
    const undone = await plainwiki.post("undo", { change: change.change });
    plainwiki.remember("change", null, "sessionStorage");
    if (!undone) return;
    plainwiki.changedAt = Date.now();
    if (plainwiki.article?.id === undone.article) { await plainwiki.article.refresh(""); plainwiki.tell(undone.message); return; }
    plainwiki.remember("undone", undone.message, "sessionStorage");
    location.href = plainwiki.address(undone.article);
  },

  gone: "The preview was ended: start it again, and open the address that it tells.",

  address(id) { return `${plainwiki.root}article/${id}${plainwiki.live ? "" : ".html"}`; },

  /** Listen for changes, but only while the page is visible: a browser has few connections to spare. */
  listen(known, handlers) {
    if (!plainwiki.live) return;
    let source = null;
    const follow = () => {
      if (document.hidden) { source?.close(); source = null; return; }
      if (source) return;
      source = new EventSource(`${plainwiki.root}events?${new URLSearchParams(known())}`);
      source.addEventListener("open", () => {
        clearTimeout(plainwiki.losing);
        plainwiki.losing = 0;
        if (plainwiki.isLost) { plainwiki.isLost = false; plainwiki.tell("The preview is there again."); }
      });
      source.addEventListener("error", () => {
        plainwiki.losing ||= setTimeout(() => { plainwiki.isLost = true; plainwiki.tell(plainwiki.gone, true); }, 2500);
      });
      source.addEventListener("problem", (event) => { const problem = JSON.parse(event.data); if (problem) plainwiki.tell(problem, true); });
      for (const [name, handler] of Object.entries(handlers)) {
        source.addEventListener(name, (event) => handler(Number(event.data)));
      }
    };
    document.addEventListener("visibilitychange", follow);
    window.addEventListener("pagehide", () => { source?.close(); source = null; clearTimeout(plainwiki.losing); plainwiki.losing = 0; });
    window.addEventListener("pageshow", follow);
  },
};

(() => {
  const help = document.getElementById("help");
  const on = document.getElementById("keys-on");
  on.checked = plainwiki.recall("keys", true);
  on.addEventListener("change", () => plainwiki.remember("keys", on.checked));
  const open = () => { if (!help.open) help.showModal(); };
  document.getElementById("help-button").addEventListener("click", open);
  help.addEventListener("click", (event) => { if (event.target === help) help.close(); });
  plainwiki.keys["?"] = open;
  plainwiki.keys.z = () => { if (plainwiki.live) plainwiki.undo(); };
  window.addEventListener("load", () => {
    const undone = plainwiki.recall("undone", "", "sessionStorage");
    if (undone) { plainwiki.remember("undone", "", "sessionStorage"); plainwiki.tell(undone); return; }
    plainwiki.tellChange();
  });
  plainwiki.keys.u = () => { location.href = document.querySelector(".brand").href; };

  const press = (event) => {
    const typing = event.target.matches("input:not([type=radio], [type=checkbox]), select, textarea");
    if (event.key === "Escape" && event.target.id === "q") event.target.blur();
    if (typing || !on.checked || help.open || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") { if (plainwiki.enter?.(event)) event.preventDefault(); return; }
    const action = plainwiki.keys[event.key];
    if (action) { event.preventDefault(); action(); }
  };

  // Keys that are pressed before all scripts have run count when they have.
  let early = [];
  document.addEventListener("keydown", (event) => { if (early) early.push(event); else press(event); });
  document.addEventListener("DOMContentLoaded", () => { const pressed = early; early = null; pressed.forEach(press); });
})();
