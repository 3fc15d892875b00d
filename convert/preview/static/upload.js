/* The plan of an upload: written to a file, with the command that does what it says. */
"use strict";

(() => {
  const { element, post } = plainwiki;
  const KINDS = [["create", "new"], ["update", "changed"], ["keep", "kept"], ["conflict", "in conflict"], ["refuse", "refused"], ["gone", "gone from the sources"]];
  const button = document.getElementById("write-plan");
  const written = document.getElementById("plan-written");

  button.addEventListener("click", async () => {
    button.disabled = true;
    written.replaceChildren(element("p", {}, "The wiki is asked for every page …"));
    const done = await post("plan", {});
    button.disabled = false;
    button.focus();
    if (!done) { written.replaceChildren(); return; }
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
