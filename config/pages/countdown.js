"use strict";
// Counts down to the next change by the server's time, never by this machine's clock, and shows the next state of the sale at
// the instant, from what the page brought along: nobody has to be asked then. Now and then it asks whether the sale was moved,
// held or cancelled. It sends nothing about the visitor and keeps nothing. Without it the page says all that matters.
(() => {
  const sale = document.querySelector("main[data-gate]");
  if (!sale) return;
  const spoken = sale.querySelector(".spoken");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const coming = [...sale.querySelectorAll("template[data-from]")];
  const { gate: address, opens, closes, held } = sale.dataset;
  const POLL = 20000;
  const NEAR = 600000;
  const PRICED = 300000;
  // Between what the server's time less the time of this page must lie. What is shown goes by the first: never too early.
  let least = -Infinity;
  let most = Infinity;
  let ticking = 0;
  let asking = 0;
  let asked = 0;
  let tries = 6;
  let priced = 0;

  const now = () => least + performance.now();
  const change = () => (coming.length ? Date.parse(coming[0].dataset.from) : Infinity);
  const pause = (time) => new Promise((done) => setTimeout(done, time));

  // The time of an answer is `Date` and `Age`: a cache keeps them right, or replaces `Date` by its own. `Carillon-Time` says
  // it to the millisecond; a cache that replaces `Date` hands on an old one, so it counts when `Date` agrees.
  function heed(headers, gate, sent) {
    const date = Date.parse(headers.get("Date")) || -Infinity;
    const age = 1000 * (Number(headers.get("Age")) || 0);
    const exact = Date.parse(headers.get("Carillon-Time"));
    const agrees = exact - (exact % 1000) === date;
    const told = (agrees ? exact : date) + age;
    const slow = (agrees ? 0 : 1000) + (age > 0 ? 1000 : 0);
    // What is open has opened, whatever an old `Date` says.
    const reached = gate.phase === "before" ? -Infinity : Date.parse(gate.phase === "open" ? gate.opens_at : gate.closes_at);
    least = Math.max(least, told - performance.now(), reached - performance.now());
    most = Math.min(most, told + slow - sent);
    if (most < least) most = Math.max(least, told + slow - sent);
  }

  async function ask() {
    const sent = performance.now();
    const answer = await fetch(address, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) return;
    const gate = await answer.json();
    heed(answer.headers, gate, sent);
    asked += 1;
    const same = gate.opens_at === opens && gate.closes_at === closes && String(gate.held) === held;
    // A page that is old on arrival comes out of a cache, where it stays for some seconds: then it is not loaded at once.
    if (!same && asked > 1) setTimeout(() => location.reload(), 2000 * Math.random());
  }

  // Behind a cache the time is known to a second. Before a change that is near it is asked for when the second may turn.
  async function refine() {
    for (; tries > 0 && most - least > 100 && change() - now() < NEAR; tries -= 1) {
      const middle = (least + most) / 2 + performance.now();
      await pause(1000 - (middle % 1000));
      await ask();
    }
  }

  // What articles cost comes with a page that is loaded while it is told. One that turns asks for it after a moment of its own,
  // and an open one now and then: prices move, and with them what they may be compared with.
  async function price() {
    const shelf = sale.querySelector(".face [data-prices]");
    if (!shelf || document.hidden) return;
    try {
      const how = { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" };
      const answer = await fetch(location.pathname, how);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(".face [data-prices]");
      // A page of before the opening has none: that is asked for again with the next poll.
      if (!fresh || !shelf.isConnected) return;
      if (fresh.outerHTML !== shelf.outerHTML) shelf.replaceWith(document.importNode(fresh, true));
      priced = performance.now();
    } catch {
      // Asked again with the next poll.
    }
  }

  async function poll() {
    clearTimeout(asking);
    try {
      // A page that nobody looks at asks once for the time, and then when somebody looks.
      if (!document.hidden || asked === 0) {
        await ask();
        tick();
        await refine();
        if (performance.now() - priced > PRICED) await price();
      }
    } catch {
      // Asked again below.
    }
    tick();
    clearTimeout(asking);
    if (coming.length) asking = setTimeout(poll, POLL + POLL * Math.random());
  }

  function show(left) {
    const box = sale.querySelector(".countdown");
    if (!box) return;
    const seconds = Math.ceil(left / 1000);
    const parts = {
      day: Math.floor(seconds / 86400),
      hour: Math.floor(seconds / 3600) % 24,
      minute: Math.floor(seconds / 60) % 60,
      second: seconds % 60,
    };
    const words = [];
    for (const cell of box.querySelectorAll("[data-unit]")) {
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

  // The hour on the reader's own clock, where that is another one. It is reckoned here and told to nobody.
  function localize() {
    const line = sale.querySelector(".local");
    if (!line) return;
    const at = new Date(line.dataset.at);
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(line.dataset.at) || [];
    if (!sign || (sign + 1) * (60 * hours + Number(minutes)) === -at.getTimezoneOffset()) return;
    const language = document.documentElement.lang;
    const said = (form) => new Intl.DateTimeFormat(language, form).format(at);
    const past = at.getMinutes() ? "2-digit" : undefined;
    const french = at.getHours() + "\u00a0h" + (past ? "\u00a0" + String(at.getMinutes()).padStart(2, "0") : "");
    const hour = language === "fr" ? french : said({ hour: "numeric", minute: past });
    const here = said({ weekday: "long" }) + " " + hour;
    line.textContent = line.dataset.there + " · " + here + " " + line.dataset.here;
    line.hidden = false;
  }

  function turn(next) {
    sale.querySelector(".face").replaceChildren(next.content.cloneNode(true));
    localize();
    document.title = next.dataset.title;
    spoken.textContent = next.dataset.said;
    next.remove();
    priced = -PRICED;
    setTimeout(price, 1000 + 7000 * Math.random());
  }

  function tick() {
    clearTimeout(ticking);
    if (least === -Infinity) return;
    while (change() <= now()) turn(coming.shift());
    if (!coming.length) return;
    const left = change() - now();
    show(left);
    // A little after the second turns: a timer that rings early would show the old one again and skip the next.
    ticking = setTimeout(tick, (left % 1000) + 2);
  }

  localize();
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) poll();
  });
  poll();
})();
