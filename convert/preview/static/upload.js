/* The plan of an upload: written to a file, with the command that does what it says. */
"use strict";

(() => {
  const { element, post } = plainwiki;
  const KINDS = [["create", "new"], ["update", "changed"], ["keep", "kept"], ["conflict", "in conflict"], ["refuse", "refused"], ["gone", "gone from the sources"]];
  const button = document.getElementById("write-plan");
  const written = document.getElementById("plan-written");

  // Of a plan that is written while the wiki is still asked for the list, it is not known whether it holds.
  let isSettled = false;
  let isWritten = false;
  document.addEventListener("rows", ({ detail: rows }) => {
    isSettled = rows.every((row) => row.read && (row.refusal || row.plan));
    if (isWritten) written.prepend(element("p", { class: "stale" }, "Articles changed since it was written: write the plan again."));
    isWritten = false;
  });

  button.addEventListener("click", async () => {
    button.disabled = true;
    isWritten = false;
    written.replaceChildren(element("p", {}, "The wiki is asked for every page …"));
    const done = await post("plan", {});
    button.disabled = false;
    button.focus();
    if (!done) { written.replaceChildren(); return; }
    isWritten = isSettled;
    const counts = KINDS.filter(([kind]) => done.counts[kind]).map(([kind, label]) => `${done.counts[kind].toLocaleString("en")} ${label}`);
    written.replaceChildren(
      element("p", {}, element("strong", {}, `Wrote ${done.path}: `), `${counts.join(", ") || "no pages"}.`),
      ...done.messages.map((message) => element("p", {}, message)),
      document.getElementById("plan-carried-out").content.cloneNode(true),
    );
  });

  written.addEventListener("click", (event) => {
    if (event.target.closest(".copy")) plainwiki.copy(written.querySelector(".command code"));
  });
})();
