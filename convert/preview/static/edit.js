/* The source of an article edited in place: tried while it is written, saved when asked. */
"use strict";

(() => {
  const PAUSE_MS = 250;
  const { element, post, tell } = plainwiki;
  const { id, refresh, put, paneOf, edit } = plainwiki.article;
  const pane = paneOf("edit");
  if (!pane) return;
  const form = pane.querySelector("form");
  const field = form.elements.text;
  const remarks = pane.querySelector(".draft-remarks");
  let opened = null;
  let drafts = 0;
  let timer = 0;

  async function start() {
    if (plainwiki.article.isEditing) { field.focus(); return; }
    const objection = document.getElementById("content").dataset.objection;
    if (objection) { tell(objection, true); return; }
    opened = await post("source/open", { id });
    if (!opened) return;
    field.value = opened.text;
    pane.querySelector(".place").textContent = opened.place + (opened.line > 1 ? `:${opened.line}` : "");
    edit(true);
    field.focus({ preventScroll: true });
    field.setSelectionRange(0, 0);
    draft();
  }

  async function draft() {
    const number = ++drafts;
    const made = await post("source/draft", { id, text: field.value }, true);
    if (!made || number !== drafts || !plainwiki.article.isEditing) return;
    put(paneOf("page"), new DOMParser().parseFromString(made.page, "text/html").body);
    remarks.replaceChildren(...made.remarks.map((remark) => {
      const go = element("button", { type: "button", class: "link", "data-line": remark.line }, `line ${remark.line}`);
      return element("li", { class: `remark is-${remark.severity}` }, go, ` ${remark.message} `, element("code", {}, remark.code));
    }));
  }

  function stop() {
    opened = null;
    drafts += 1;
    edit(false);
    refresh("");
    document.getElementById("edit-button").focus();
  }

  const isChanged = () => opened !== null && field.value !== opened.text;

  async function save() {
    if (!isChanged()) { stop(); return; }
    const done = await post("source/save", { id, text: field.value, digest: opened.digest });
    if (!done) return;
    plainwiki.changed(done, id);
    stop();
    plainwiki.tellChange();
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); save(); });
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(draft, PAUSE_MS); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "s" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); save(); }
    if (event.key === "Escape" && !isChanged()) stop();
  });
  form.querySelector(".cancel").addEventListener("click", stop);
  remarks.addEventListener("click", (event) => {
    const line = Number(event.target.dataset.line) - opened.line;
    if (!(line >= 0)) return;
    const lines = field.value.split("\n");
    const at = lines.slice(0, line).reduce((length, text) => length + text.length + 1, 0);
    field.focus();
    field.setSelectionRange(at, at + (lines[line] ?? "").length);
  });
  window.addEventListener("beforeunload", (event) => { if (isChanged()) event.preventDefault(); });

  document.getElementById("views").addEventListener("click", async (event) => {
    if (event.target.closest("#edit-button")) start();
    if (!event.target.closest("#open-button")) return;
    const said = await post("editor", { id });
    if (said) tell(said.message);
  });
  plainwiki.keys.e = start;
})();
