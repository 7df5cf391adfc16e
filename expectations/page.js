"use strict";
document.documentElement.classList.add("js");
(function () {
  const list = document.getElementById("finding-list");
  if (!list) return;
  const cards = Array.from(list.children);
  const form = document.getElementById("filters");
  const count = document.getElementById("filter-count");
  const none = document.getElementById("filter-none");
  const keys = ["severity", "township", "check", "indicator"];
  const more = document.getElementById("more");
  const unprinted = document.getElementById("unprinted");
  const step = 50;
  let limit = step;
  const texts = new Map();
  const buttons = Array.from(document.querySelectorAll("[data-set-check]"));
  function text(card) {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  }
  function apply() {
    const wanted = keys.map((key) => form.elements[key].value);
    const words = form.elements.words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const fits = keys.every((key, i) => !wanted[i] || card.dataset[key] === wanted[i]) && words.every((word) => text(card).includes(word));
      card.hidden = !fits;
      card.classList.toggle("later", fits && shown >= limit);
      if (fits) shown += 1;
    }
    count.textContent = shown + " / " + cards.length;
    none.hidden = shown > 0;
    more.hidden = shown <= limit;
    unprinted.hidden = more.hidden;
    unprinted.textContent = "另有 " + (shown - limit) + " 条发现未展开，未打印。 " + (shown - limit) + " more are not printed.";
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.setCheck === form.elements.check.value));
  }
  function anew() {
    limit = step;
    apply();
  }
  more.addEventListener("click", () => {
    const next = list.querySelector(".later");
    limit += step;
    apply();
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  });
  form.addEventListener("input", anew);
  form.addEventListener("reset", () => setTimeout(anew));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const check = form.elements.check;
      check.value = check.value === button.dataset.setCheck ? "" : button.dataset.setCheck;
      anew();
    });
  }
  apply();
})();
