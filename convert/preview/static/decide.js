/* Deciding on the infoboxes of an article: by number, Enter, and on to the next doubtful one. */
"use strict";

(() => {
  const { element, post } = plainwiki;
  const { id, choices, query, refresh } = plainwiki.article;
  const decisions = document.getElementById("decisions");
  const panel = (box) => decisions.querySelector(`.decision[data-box="${box}"]`);
  const templateOf = (box) => choices.get(String(box)) ?? panel(box).dataset.template;

  /** The infobox that keys decide: the one with the focus, else the first doubtful one, else the first that is open. */
  const current = () => document.activeElement?.closest?.(".decision")
    ?? decisions.querySelector(".decision.is-doubtful") ?? decisions.querySelector(".decision.is-tried") ?? decisions.querySelector(".decision[open]");

  /** For which articles a choice is kept, by the infobox. */
  const ways = new Map();

  // ── Trying

  async function choose(box, name, isTyped) {
    choices.set(box, name);
    history.replaceState(null, "", `?${query()}`);
    const option = [...panel(box).querySelectorAll(".choose input[type=radio]")].find((button) => button.value === name);
    if (option) option.checked = true;
    await refresh("");
    if (isTyped) [...panel(box).querySelectorAll(".choose input[type=radio]")].find((button) => button.value === name)?.focus();
    plainwiki.tell(`Trying ${name}.`);
  }

  function forget(box) {
    choices.delete(String(box));
    history.replaceState(null, "", query() ? `?${query()}` : location.pathname);
  }

  // ── What a rule would change

  const ruleOf = (box, by) => ({ id, box: Number(box), template: templateOf(box), by, value: panel(box).querySelector(`.keep [name="${by}"]`)?.value ?? "" });
  const wayOf = (box) => panel(box).querySelector(".keep input[type=radio]:checked")?.value;

  async function showEffect(decision) {
    const line = decision?.querySelector(".effect");
    if (!line) return;
    const by = wayOf(decision.dataset.box);
    if (by === "title") { line.textContent = ""; return; }
    const effect = await post("rule/effect", ruleOf(decision.dataset.box, by), true);
    if (!effect) return;
    const more = effect.count - effect.titles.length;
    const articles = effect.count === 1 ? "1 article" : `${effect.count.toLocaleString("en")} articles`;
    const named = effect.titles.length ? `: ${effect.titles.join(", ")}${more > 0 ? ` and ${more.toLocaleString("en")} more` : ""}` : "";
    line.textContent = `It changes ${articles}${named}${effect.complete ? "." : ", of those read so far."}`;
  }

  // ── Keeping, writing, removing

  let isBusy = false;

  async function act(path, asked, box) {
    if (isBusy) return;
    isBusy = true;
    // The event of this change may refresh the panel before the answer comes: then it is no longer doubtful.
    const wasDoubtful = panel(box).dataset.doubtful;
    const done = await post(path, asked);
    isBusy = false;
    if (!done) return;
    forget(box);
    plainwiki.changed(done, id);
    const another = [...decisions.querySelectorAll(".decision.is-doubtful")].find((decision) => decision.dataset.box !== String(box));
    if (another && path !== "rule/remove") { await refresh(""); panel(another.dataset.box)?.querySelector("summary").focus(); return; }
    if (path !== "rule/remove" && wasDoubtful && done.left) { location.href = plainwiki.address(done.next); return; }
    await refresh("");
    panel(box)?.querySelector("summary").focus();
    plainwiki.tellChange();
  }

  const keep = (decision, by) => {
    if (!decision?.querySelector(".keep button")) { plainwiki.tell("The article names its template itself: edit the source."); return; }
    act("rule", ruleOf(decision.dataset.box, by ?? wayOf(decision.dataset.box)), decision.dataset.box);
  };
  const write = (decision) => {
    if (!decision?.querySelector(".write")) { plainwiki.tell(document.getElementById("content").dataset.objection || "Nothing can be written there."); return; }
    act("name", { id, box: Number(decision.dataset.box), template: templateOf(decision.dataset.box) }, decision.dataset.box);
  };

  // ── Pointer and keys

  decisions.addEventListener("change", (event) => {
    const form = event.target.closest(".choose");
    if (form && event.target.value.trim()) choose(form.dataset.box, event.target.value.trim(), event.target.type === "radio");
    if (event.target.tagName === "SELECT") event.target.closest(".option").querySelector("input").checked = true;
    const kept = event.target.closest(".keep");
    if (kept) { ways.set(kept.dataset.box, wayOf(kept.dataset.box)); showEffect(event.target.closest(".decision")); }
  });
  decisions.addEventListener("toggle", async (event) => {
    const body = event.target.matches(".glance[open]") ? event.target.querySelector(".glance-body") : null;
    if (!body || body.childNodes.length) return;
    const box = event.target.closest(".decision").dataset.box;
    const answer = await fetch(`${plainwiki.root}article/${id}/template/${box}/${encodeURIComponent(event.target.dataset.template)}`).catch(() => null);
    if (!answer?.ok) { body.textContent = plainwiki.gone; return; }
    body.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.childNodes);
  }, true);
  decisions.addEventListener("focusin", async (event) => {
    if (event.target.name !== "other" || document.getElementById("templates")) return;
    const list = element("datalist", { id: "templates" });
    document.body.append(list);
    const names = await (await fetch(`${plainwiki.root}templates.json`)).json();
    list.append(...names.map((value) => element("option", { value })));
  });
  decisions.addEventListener("submit", (event) => {
    event.preventDefault();
    const decision = event.target.closest(".decision");
    if (event.target.matches(".keep")) { keep(decision); return; }
    const field = event.target.elements.other;
    if (field?.value.trim()) choose(event.target.dataset.box, field.value.trim(), true);
  });
  decisions.addEventListener("click", (event) => {
    const decision = event.target.closest(".decision");
    if (event.target.closest(".write")) write(decision);
    if (event.target.closest(".remove")) act("rule/remove", { id, box: Number(decision.dataset.box) }, decision.dataset.box);
  });

  for (let number = 1; number <= 9; number += 1) {
    plainwiki.keys[String(number)] = () => {
      const decision = current();
      const option = decision?.querySelectorAll(".choose input[type=radio]")[number - 1];
      if (option && !option.disabled) { decision.open = true; choose(decision.dataset.box, option.value, true); }
    };
  }
  plainwiki.enter = (event) => {
    const decision = current();
    if (!plainwiki.live || !decision || event.target.closest("a, button, summary, select, .pane")) return false;
    if (!decision.open || (!decision.dataset.doubtful && !decision.matches(".is-tried"))) return false;
    keep(decision, event.shiftKey && decision.querySelector(".keep input[value=keys]") ? "keys" : undefined);
    return true;
  };
  if (plainwiki.live) plainwiki.keys.f = () => write(current());
  document.addEventListener("refreshed", () => {
    for (const [box, way] of ways) {
      const button = panel(box)?.querySelector(`.keep input[value="${way}"]`);
      if (button) button.checked = true;
    }
    decisions.querySelectorAll(".decision[open]").forEach(showEffect);
  });
})();
