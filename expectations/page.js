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
      if (fits) shown += 1;
    }
    count.textContent = shown + " / " + cards.length;
    none.hidden = shown > 0;
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.setCheck === form.elements.check.value));
  }
  form.addEventListener("input", apply);
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const check = form.elements.check;
      check.value = check.value === button.dataset.setCheck ? "" : button.dataset.setCheck;
      apply();
    });
  }
  apply();
})();
window.addEventListener("beforeprint", () => {
  for (const item of document.querySelectorAll("details")) item.open = true;
});
