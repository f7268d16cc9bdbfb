"use strict";
// Counts down to the next change by the server's time, never by this machine's clock, and loads the page again when the
// change has come. It sends nothing about the visitor and keeps nothing. Without it the page says all that matters.
(() => {
  const sale = document.querySelector("main[data-change]");
  if (!sale) return;
  const box = sale.querySelector(".countdown");
  const spoken = sale.querySelector(".spoken");
  const cells = [...box.querySelectorAll("[data-unit]")];
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const change = Date.parse(sale.dataset.change);
  // The server's time less the time since this page was asked for.
  let offset = Date.parse(sale.dataset.serverTime) - performance.now();
  let timer = 0;
  let lateOnArrival = true;

  const now = () => offset + performance.now();

  async function ask() {
    const sent = performance.now();
    const options = { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
    const response = await fetch(sale.dataset.gate, options);
    const gate = await response.json();
    const age = 1000 * (Number(response.headers.get("Age")) || 0);
    offset = Date.parse(gate.server_time) + age - (sent + performance.now()) / 2;
    return gate;
  }

  function show(left) {
    const seconds = Math.ceil(left / 1000);
    const parts = {
      day: Math.floor(seconds / 86400),
      hour: Math.floor(seconds / 3600) % 24,
      minute: Math.floor(seconds / 60) % 60,
      second: seconds % 60,
    };
    const words = [];
    for (const cell of cells) {
      const unit = cell.dataset.unit;
      const count = parts[unit];
      const [number, label] = cell.children;
      const text = unit === "day" ? String(count) : String(count).padStart(2, "0");
      if (number.textContent !== text) number.textContent = text;
      label.textContent = count > 1 ? cell.dataset.many : count === 1 ? cell.dataset.one : cell.dataset.none;
      cell.hidden = (unit === "day" && count === 0) || (unit === "second" && calm && seconds >= 60);
      if (count > 0) words.push(count + "\u00a0" + label.textContent);
    }
    box.hidden = false;
    // Said aloud once in a while: a voice that counts every second is of no use.
    if ([86400, 3600, 600, 60, 10].includes(seconds)) {
      spoken.textContent = box.dataset.label + " " + words.join(", ");
    }
  }

  function tick() {
    clearTimeout(timer);
    const left = change - now();
    if (left > 0) {
      lateOnArrival = false;
      show(left);
      // A little after the second turns: a timer that rings early would show the old one again and skip the next.
      timer = setTimeout(tick, left % 1000 + 5);
      return;
    }
    box.hidden = true;
    // Spread over two seconds, so that a shop is not asked by everyone in the same instant; and patient when the page
    // was out of date on arrival, so that a cache in between cannot make it load for ever.
    timer = setTimeout(turn, (lateOnArrival ? 30000 : 0) + 2000 * Math.random());
  }

  async function turn() {
    try {
      const gate = await ask();
      if (gate.phase !== sale.dataset.phase) {
        location.reload();
        return;
      }
    } catch {
      // Asked again below.
    }
    timer = setTimeout(tick, 5000);
  }

  const adjust = () => ask().then(tick, tick);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) adjust();
  });
  tick();
  adjust();
})();
