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
  tell(text, isError = false) {
    const notice = document.getElementById("told");
    notice.textContent = text;
    notice.className = isError ? "is-shown is-error" : "is-shown";
    clearTimeout(plainwiki.telling);
    plainwiki.telling = setTimeout(() => { notice.className = ""; }, isError ? 12000 : 4000);
  },

  /** Store a value between pages, where the browser allows it. */
  remember(name, value, store = "localStorage") {
    try { window[store].setItem(`plainwiki.${name}`, JSON.stringify(value)); } catch { /* private windows refuse */ }
  },
  recall(name, otherwise, store = "localStorage") {
    try { return JSON.parse(window[store].getItem(`plainwiki.${name}`)) ?? otherwise; } catch { return otherwise; }
  },

  address(id) { return `${plainwiki.root}article/${id}${plainwiki.live ? "" : ".html"}`; },

  /** Listen for changes, but only while the page is visible: a browser has few connections to spare. */
  listen(known, handlers) {
    if (!plainwiki.live) return;
    let source = null;
    const follow = () => {
      if (document.hidden) { source?.close(); source = null; return; }
      if (source) return;
      source = new EventSource(`${plainwiki.root}events?${new URLSearchParams(known())}`);
      source.addEventListener("problem", (event) => { const problem = JSON.parse(event.data); if (problem) plainwiki.tell(problem, true); });
      for (const [name, handler] of Object.entries(handlers)) {
        source.addEventListener(name, (event) => handler(Number(event.data)));
      }
    };
    document.addEventListener("visibilitychange", follow);
    window.addEventListener("pagehide", () => { source?.close(); source = null; });
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
  plainwiki.keys.u = () => { location.href = document.querySelector(".brand").href; };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio], [type=checkbox]), select, textarea");
    if (event.key === "Escape" && event.target.id === "q") event.target.blur();
    if (typing || !on.checked || help.open || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = plainwiki.keys[event.key];
    if (action) { event.preventDefault(); action(); }
  });
})();
