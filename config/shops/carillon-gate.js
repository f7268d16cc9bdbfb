// <carillon-gate sale="hiver">: shows the parts of a page that hold before a sale, while it is open, and after it.
//
// A part says when: <p data-when="before after">; also open, cancelled, held. It turns at the instant, by the server's time,
// from an answer that it has, and asks now and then whether the sale was moved. It sends and keeps nothing about the visitor.
// Without it, or without an answer, the page stays as it was written. See docs/shops.md.
const POLL = 20000;
const NEAR = 600000;
const LONGEST = 86400000;
const watches = new Map();

class Watch {
  elements = new Set();
  // Between these lies the server's time less this page's. The first counts: never too early.
  least = -Infinity;
  most = Infinity;
  tries = 6;

  constructor(address) {
    this.address = address;
    document.addEventListener("visibilitychange", () => document.hidden || !this.elements.size || this.poll());
  }

  now() {
    return this.least + performance.now();
  }

  change() {
    const now = this.now();
    return now >= this.closes ? Infinity : now < this.opens ? Math.min(this.opens, this.closes) : this.closes;
  }

  async ask() {
    const sent = performance.now();
    const answer = await fetch(this.address, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) return;
    const gate = (this.gate = await answer.json());
    this.opens = Date.parse(gate.opens_at);
    this.closes = Date.parse(gate.closes_at);
    // The time is `Date` and `Age`; `Carillon-Time` has the milliseconds, and counts when `Date` agrees.
    const date = Date.parse(answer.headers.get("Date")) || -Infinity;
    const age = 1000 * answer.headers.get("Age") || 0;
    const exact = Date.parse(answer.headers.get("Carillon-Time"));
    const agrees = exact - (exact % 1000) === date;
    const told = (agrees ? exact : date) + age;
    const slow = (agrees ? 0 : 1000) + (age ? 1000 : 0);
    // What is open has opened, whatever an old `Date` says.
    const reached = { before: -Infinity, open: this.opens, after: this.closes }[gate.phase];
    this.least = Math.max(this.least, Math.max(told, reached) - performance.now());
    this.most = Math.min(this.most, told + slow - sent);
    if (this.most < this.least) this.most = Math.max(this.least, told + slow - sent);
    this.show();
  }

  async poll() {
    clearTimeout(this.asking);
    try {
      // When nobody looks, it asks once.
      if (!document.hidden || !this.gate) await this.ask();
      // Behind a cache the time is known to a second: before a change it is asked for when the second may turn.
      for (; this.most - this.least > 100 && this.change() - this.now() < NEAR && this.tries > 0; this.tries -= 1) {
        const middle = (this.least + this.most) / 2 + performance.now();
        await new Promise((done) => setTimeout(done, 1000 - (middle % 1000)));
        await this.ask();
      }
    } catch {
      // It is asked again below.
    }
    clearTimeout(this.asking);
    if (this.elements.size) this.asking = setTimeout(() => this.poll(), POLL * (1 + Math.random()));
  }

  show() {
    clearTimeout(this.turning);
    const now = this.now();
    const phase = now >= this.closes ? "after" : now >= this.opens ? "open" : "before";
    for (const element of this.elements) element.show({ ...this.gate, phase, open: phase === "open" });
    const left = this.change() - now;
    if (left < Infinity) this.turning = setTimeout(() => this.show(), Math.min(Math.ceil(left), LONGEST));
  }
}

class CarillonGate extends HTMLElement {
  connectedCallback() {
    const address = new URL("gates/" + encodeURIComponent(this.getAttribute("sale")), import.meta.url).href;
    this.watch = watches.get(address) || new Watch(address);
    watches.set(address, this.watch);
    this.watch.elements.add(this);
    if (this.watch.gate) this.watch.show();
    if (this.watch.elements.size === 1) this.watch.poll();
  }

  disconnectedCallback() {
    this.watch.elements.delete(this);
  }

  // Milliseconds until the sale opens or closes; Infinity when it does not, or nothing is known.
  get left() {
    return this.watch?.gate ? this.watch.change() - this.watch.now() : Infinity;
  }

  show(gate) {
    const words = [gate.phase, gate.cancelled && "cancelled", gate.held && "held"];
    for (const part of this.querySelectorAll("[data-when]")) {
      if (part.closest("carillon-gate") === this) part.hidden = !part.dataset.when.split(" ").some((word) => words.includes(word));
    }
    const shown = JSON.stringify(gate);
    if (shown === this.shown) return;
    this.shown = shown;
    this.setAttribute("phase", gate.phase);
    this.dispatchEvent(new CustomEvent("carillon-gate", { bubbles: true, detail: gate }));
  }
}

customElements.define("carillon-gate", CarillonGate);
