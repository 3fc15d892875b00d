/* The links of an article: refused, and made again. */
"use strict";

(() => {
  const { post } = plainwiki;
  const { id, refresh, paneOf } = plainwiki.article;
  const pane = paneOf("links");
  if (!pane) return;
  let isBusy = false;

  pane.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-refuse], button[data-allow]");
    if (!button || isBusy) return;
    isBusy = true;
    const { refuse, allow } = button.dataset;
    const done = await post(allow ? "link/allow" : "link/refuse", { id, name: allow ?? refuse });
    isBusy = false;
    if (!done) return;
    plainwiki.changed(done, id);
    pane.focus({ preventScroll: true });
    await refresh("");
    plainwiki.tellChange();
  });
})();
