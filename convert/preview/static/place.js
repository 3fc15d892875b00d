/* The place in an article, the same in all its views: they scroll together, section by section. */
"use strict";

plainwiki.place = (() => {
  /** Return where the sections begin within a view, as offsets from the top of its scrolled content. */
  function stops(pane) {
    const marks = pane.dataset.view === "page" ? pane.querySelectorAll("article section") : pane.querySelectorAll("[data-anchor]");
    const top = pane.getBoundingClientRect().top - pane.scrollTop;
    return [0, ...[...marks].map((mark) => mark.getBoundingClientRect().top - top), pane.scrollHeight];
  }

  /** Turn an offset into a place: the section and how far into it. */
  function placeOf(offset, offsets) {
    let number = 0;
    while (number + 2 < offsets.length && offsets[number + 1] <= offset + 1) number += 1;
    const length = offsets[number + 1] - offsets[number];
    return { number, part: length > 0 ? Math.min(1, (offset - offsets[number]) / length) : 0 };
  }

  function offsetOf(place, offsets) {
    const number = Math.min(place.number, offsets.length - 2);
    const part = number === place.number ? place.part : 1;
    return offsets[number] + part * (offsets[number + 1] - offsets[number]);
  }

  /** A pane scrolls by itself on a wide window, and with the page on a narrow one. */
  const own = (pane) => getComputedStyle(pane).overflowY === "auto";
  const above = () => document.querySelector(".views").getBoundingClientRect().bottom;

  function read(pane) {
    const offset = own(pane) ? pane.scrollTop : Math.max(0, above() - pane.getBoundingClientRect().top);
    return placeOf(offset, stops(pane));
  }

  function show(pane, place) {
    const offset = offsetOf(place, stops(pane));
    if (own(pane)) pane.scrollTo({ top: offset, behavior: "instant" });
    else if (place.number || place.part) window.scrollBy({ top: pane.getBoundingClientRect().top + offset - above(), behavior: "instant" });
  }

  return { read, show, own };
})();
