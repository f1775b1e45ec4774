"use strict";
// Comfort only: without it every form works. Texts go into the page as text, never as HTML.

const form = document.querySelector("form.answer");

function kept(text) {
  const place = form.querySelector(".kept");
  if (place) place.textContent = text;
}

let waiting = 0;
let changed = false;

async function keep() {
  if (!changed) return;
  changed = false;
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.dataset.keep, { method: "POST", body, keepalive: true });
    kept(answer.ok ? "What you typed is kept." : "This is not kept: look at the page again.");
  } catch {
    changed = true;
    kept("The server cannot be reached: this is not kept.");
  }
}

function count() {
  const box = form.querySelector(".chips");
  if (!box) return;
  let total = 0;
  for (const bin of box.querySelectorAll(".bin")) {
    const chips = Math.min(Math.max(Number(bin.querySelector("input").value) || 0, 0), Number(box.dataset.chips));
    total += chips;
    bin.querySelector(".bar").style.width = `${chips}em`;
  }
  const left = Number(box.dataset.chips) - total;
  box.querySelector(".total").textContent =
    left === 0 ? "All chips are placed." : left > 0 ? `${left} chips left.` : `${-left} chips too many.`;
}

if (form) {
  form.addEventListener("input", () => {
    changed = true;
    count();
    clearTimeout(waiting);
    waiting = setTimeout(keep, 700);
  });
  form.addEventListener("submit", () => { changed = false; clearTimeout(waiting); });
  addEventListener("pagehide", keep);
  count();
}

const problems = document.getElementById("problems");
if (problems) problems.focus();

const phase = document.querySelector("[data-phase]");
if (phase) {
  setInterval(async () => {
    try {
      const answer = await fetch("/workshop/phase");
      const now = await answer.json();
      if (now.phase === phase.dataset.phase) return;
      const place = document.getElementById("moved");
      if (place.textContent) return;
      place.textContent = "The workshop has moved on. ";
      const link = document.createElement("a");
      link.href = "/workshop";
      link.textContent = "See what is to do now";
      place.append(link);
      place.className = "done";
    } catch { /* the next try may work */ }
  }, 4000);
}

for (const place of document.querySelectorAll("[data-fetch]")) {
  fetch(place.dataset.fetch)
    .then((answer) => answer.json())
    .then((found) => { place.textContent = found.text; })
    .catch(() => { place.textContent = "The server cannot be reached."; });
}
