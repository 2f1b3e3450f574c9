// A flame graph: root on top, a function below its callers, as wide as what it and all that it calls have alive.

/** Pixels, as svg.rs has them. */
const ROW = 20, LETTER = 6.7;
/** Nothing narrower is drawn; zoom in to see it. */
const NARROWEST = 0.5;

/** The filling of what is noise, as svg.rs has it. */
function hatching() {
  const part = (name, width) => shape("rect", { class: name, width, height: 6 });
  const attributes = { id: "hatching", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" };
  return shape("defs", {}, shape("pattern", attributes, part("ground", 6), part("stripe", 2)));
}

/** The words for frames, and for those before and after one. */
const WORDS = {
  calls: {
    frames: "functions", all: "Calls", allOf: "All calls", stacks: "stacks", before: "callers", after: "callees",
    of: ["Callees of", "Callers of"], title: "The callers of the zoomed frame's function, over all stacks", placed: "called",
  },
  references: {
    frames: "fields", all: "References", allOf: "All chains", stacks: "chains", before: "holders", after: "held",
    of: ["Held by", "Holders of"], title: "What holds the zoomed frame, over all chains", placed: "held",
  },
};

class Flame {
  /** Draws `data` in `host`. `metricSwitch`: whether it has one of its own. */
  constructor(host, data, { metricSwitch, width }) {
    Object.assign(this, { host, data, width, units: new Units(data), metric: data.metrics[0].key });
    this.root = this.focused = 0;
    this.query = "";
    this.words = WORDS[data.are_references ? "references" : "calls"];
    // All calls; and those that are drawn, which may be of one function only.
    this.all = this.calls = new Calls(data.flame);
    this.of = null;
    const toolbar = element("div", { class: "toolbar" });
    if (metricSwitch && data.metrics.length > 1) {
      const choices = data.metrics.map(({ key, name }) => [key, name]);
      toolbar.append(choice("Metric", choices, this.metric, (metric) => this.setMetric(metric)));
    }
    const widths = [["current", "live"], ["delta", "growth"]];
    toolbar.append(choice("Width", widths, width, (chosen) => {
      this.width = chosen;
      this.draw();
    }));
    const button = (text, action) => {
      const made = element("button", { type: "button" }, text);
      made.addEventListener("click", action);
      return made;
    };
    this.search = element("input", { type: "search", placeholder: `Search ${this.words.frames}`, "aria-label": `Search ${this.words.frames}` });
    this.search.addEventListener("input", () => this.find(this.search.value));
    this.reset = button("Reset zoom", () => this.zoom(0));
    this.callers = button(`Show ${this.words.before}`, () => this.showThrough(this.calls.function[this.root], true));
    this.callers.title = this.words.title;
    this.found = element("span", { class: "found", role: "status" });
    toolbar.append(this.search, this.reset, this.callers, this.found);
    this.about = element("span", { role: "status" });
    const directions = [["up", this.words.before], ["down", this.words.after]];
    this.direction = choice("Direction", directions, "up", (chosen) => this.showThrough(this.of, chosen === "up"));
    this.through = element("div", { class: "toolbar through" }, this.direction, button(this.words.allOf, () => this.showAll()), this.about);
    this.through.hidden = true;
    this.svg = shape("svg", { role: "tree" });
    this.tip = element("div", { class: "tip", role: "status" });
    this.tip.hidden = true;
    // In a picture of its own, which stays: frames are drawn again if their filling is.
    const fillings = shape("svg", { width: 0, height: 0, "aria-hidden": "true" }, hatching());
    host.replaceChildren(toolbar, this.through, fillings, this.svg, this.tip);
    this.listen();
    new ResizeObserver(() => this.resize()).observe(host);
  }

  name(at) {
    const { functions, texts } = this.data, of = this.calls.function[at];
    return of < 0 ? "all" : texts[functions.name[of]];
  }

  full(at) {
    const { functions, texts } = this.data, of = this.calls.function[at];
    return of < 0 ? "all" : texts[functions.full[of]];
  }

  delta(at, metric = this.metric) {
    return this.calls.delta(at, metric);
  }

  /** The width of a node, in the metric. */
  size(at) {
    const { metric, calls } = this;
    return this.width === "current" ? Math.max(calls.current[metric][at], 0) : calls.growth(at, metric);
  }

  /** Draws all stacks through a function, with it on top: its callers below it, or what it calls. */
  showThrough(of, upwards) {
    if (of < 0) return;
    if (this.of === null) this.before = this.root;
    this.of = of;
    this.upwards = upwards;
    this.calls = this.all.through(of, upwards, this.data.metrics.map(({ key }) => key));
    for (const button of this.direction.children) button.setAttribute("aria-pressed", String((button.value === "up") === upwards));
    this.root = this.focused = 0;
    this.find(this.query);
  }

  /** Draws all calls again, zoomed as before. */
  showAll() {
    if (this.of === null) return;
    this.of = null;
    this.calls = this.all;
    this.root = this.focused = this.before;
    this.find(this.query);
  }

  /** The function with a full name; undefined if none is drawn. */
  functionNamed(full) {
    const { functions, texts } = this.data;
    const of = functions.full.findIndex((text) => texts[text] === full);
    return of >= 0 && this.all.function.includes(of) ? of : undefined;
  }

  setMetric(metric) {
    this.metric = metric;
    this.draw();
  }

  resize() {
    const pixels = this.host.clientWidth;
    if (pixels && pixels !== this.pixels) {
      this.pixels = pixels;
      this.draw();
    }
  }

  /** Draws the zoomed node as wide as the picture, its callers above it, and what it calls below. */
  draw() {
    if (!this.pixels) return;
    const { depth, parent, end: ends } = this.calls;
    const hadFocus = this.svg.contains(document.activeElement);
    const scale = this.pixels / Math.max(this.size(this.root), 1);
    this.drawn = new Map();
    let deepest = depth[this.root];
    for (let at = this.root; at >= 0; at = parent[at]) this.put(at, 0, this.pixels, at !== this.root);
    const next = [];
    for (let at = this.root, end = ends[at]; at < end; ) {
      const width = this.size(at) * scale, x = at === this.root ? 0 : next[depth[at]];
      next[depth[at]] = x + width;
      next[depth[at] + 1] = x;
      if (width < NARROWEST) {
        at = ends[at];
        continue;
      }
      if (at !== this.root) this.put(at, x, width, false);
      deepest = Math.max(deepest, depth[at]);
      at++;
    }
    const height = (deepest + 1) * ROW;
    this.svg.setAttribute("viewBox", `0 0 ${this.pixels} ${height}`);
    this.svg.setAttribute("height", height);
    this.svg.setAttribute("width", this.pixels);
    // As they are on the page, so that arrow keys and readers meet them in order.
    const nodes = [...this.drawn.keys()].sort((a, b) => a - b).map((at) => this.drawn.get(at).node);
    this.svg.replaceChildren(...nodes);
    if (!this.drawn.has(this.focused)) this.focused = this.root;
    this.drawn.get(this.focused).node.setAttribute("tabindex", "0");
    if (hadFocus) this.drawn.get(this.focused).node.focus();
    this.reset.disabled = this.root === 0;
    this.callers.disabled = this.calls.function[this.root] < 0;
    this.through.hidden = this.of === null;
    const what = this.of === null ? this.words.all : `${this.words.of[Number(this.upwards)]} ${this.full(0)}`;
    this.svg.setAttribute("aria-label", `${what}; arrow keys move, Enter zooms, C shows ${this.words.before}, Escape goes back`);
    if (this.of !== null) this.tellThrough();
    this.tip.hidden = true;
    this.tell();
  }

  put(at, x, width, isCaller) {
    const change = this.delta(at), depth = this.calls.depth[at];
    const growth = change ? ` ${this.units.delta(this.metric, change)}` : "";
    const text = sign(change) + this.name(at) + growth;
    const room = Math.floor((width - 6) / LETTER);
    const shown = text.length <= room ? text : room < 3 ? "" : `${text.slice(0, room - 1)}…`;
    const classes = [this.calls.color(at, this.metric)];
    if (isCaller) classes.push("caller");
    if (this.hits) classes.push(this.hits[at] ? "hit" : "miss");
    const node = shape(
      "g",
      { class: classes.join(" "), role: "treeitem", "aria-level": depth + 1, "aria-label": this.describe(at), tabindex: -1 },
      shape("rect", { x, y: depth * ROW, width: Math.max(width - 0.5, 0.5), height: ROW - 1 }),
    );
    if (shown) node.append(shape("text", { x: x + 3, y: depth * ROW + 14 }, shown));
    node.index = at;
    this.drawn.set(at, { node, x, width });
  }

  /** What a node is, a line each. */
  lines(at) {
    const { calls } = this, { base, current } = calls;
    const lines = [this.full(at)];
    for (const { key, name } of this.data.metrics) {
      const whole = this.all.current[key][0], change = calls.delta(at, key);
      const share = whole > 0 ? `, ${((current[key][at] / whole) * 100).toFixed(1)} % of what is alive` : "";
      const word = change > 0 ? "▲ grew" : change < 0 ? "▼ shrank" : "unchanged";
      const noise = calls.isNoise(at, key) ? ", within sampling noise" : "";
      lines.push(`${name} ${word} ${this.units.delta(key, change)}${noise}`);
      lines.push(`    ${this.units.both(key, base[key][at], current[key][at])}${share}`);
      if (calls.grown[key][at] > 0) lines.push(`    ${this.words.stacks} that grew: ${this.units.delta(key, calls.growth(at, key))}`);
    }
    return lines;
  }

  describe(at) {
    return this.lines(at).map((line) => line.trim()).join("; ");
  }

  zoom(at) {
    this.root = this.focused = at;
    this.draw();
  }

  /** Marks the functions with a text in their names, and tells what they have, each stack counted once. */
  find(query) {
    this.query = query.trim().toLowerCase();
    const { depth, end, function: of, base, current } = this.calls;
    this.hits = null;
    if (this.query) {
      const { functions: { name, full }, texts } = this.data;
      const has = (text) => texts[text].toLowerCase().includes(this.query);
      const isHit = full.map((text, at) => has(text) || has(name[at]));
      this.hits = of.map((of) => of >= 0 && isHit[of]);
    }
    this.matched = null;
    if (this.hits) {
      const sums = Object.fromEntries(this.data.metrics.map(({ key }) => [key, [0, 0]]));
      let count = 0;
      for (let at = 0; at < depth.length; ) {
        if (!this.hits[at]) {
          at++;
          continue;
        }
        count++;
        for (const { key } of this.data.metrics) {
          sums[key][0] += base[key][at];
          sums[key][1] += current[key][at];
        }
        at = end[at];
      }
      this.matched = { count, sums };
    }
    this.draw();
  }

  /** Tells what all stacks through a function have. */
  tellThrough() {
    const { base, current } = this.calls, { metric, units } = this;
    const places = this.all.outermost(this.of).length;
    const numbers = `${units.delta(metric, this.delta(0))} (${units.both(metric, base[metric][0], current[metric][0])})`;
    this.about.replaceChildren(
      `${this.words.of[Number(this.upwards)]} `,
      element("b", {}, this.name(0)),
      ` over all ${this.words.stacks}: ${numbers}, ${this.words.placed} in ${grouped(places)} place${places === 1 ? "" : "s"}`,
    );
  }

  tell() {
    if (!this.matched) return this.found.replaceChildren();
    const [base, current] = this.matched.sums[this.metric];
    const text = `${this.units.delta(this.metric, current - base)} (${this.units.both(this.metric, base, current)})`;
    this.found.replaceChildren(this.matched.count ? `found: ${text}` : "nothing found");
  }

  /** Shows what a node is beside it. */
  show(at, clientX, clientY) {
    this.tip.replaceChildren(...this.lines(at).map((line) => element("div", {}, line)));
    this.tip.hidden = false;
    const box = this.host.getBoundingClientRect();
    const x = Math.min(clientX - box.left + 12, box.width - this.tip.offsetWidth - 4);
    this.tip.style.left = `${Math.max(x, 0)}px`;
    this.tip.style.top = `${clientY - box.top + 16}px`;
  }

  focus(at) {
    if (at < 0 || !this.drawn.has(at)) return;
    const focused = this.drawn.get(this.focused);
    if (focused) focused.node.setAttribute("tabindex", "-1");
    this.focused = at;
    const { node } = this.drawn.get(at);
    node.setAttribute("tabindex", "0");
    node.focus();
  }

  /** The next drawn node beside one, in the order of the picture. */
  sibling(at, step) {
    const { depth } = this.calls;
    const { x } = this.drawn.get(at);
    const row = [...this.drawn].filter(([other]) => depth[other] === depth[at]);
    const beside = row.filter(([, other]) => (other.x - x) * step > 0).sort((a, b) => (a[1].x - b[1].x) * step);
    return beside.length ? beside[0][0] : at;
  }

  /** The widest drawn node that one calls. */
  callee(at) {
    const callees = [...this.drawn].filter(([other]) => this.calls.parent[other] === at);
    return callees.reduce((most, [other, { width }]) => (width > most[1] ? [other, width] : most), [at, -1])[0];
  }

  listen() {
    const nodeOf = (event) => event.target.closest("g[role=treeitem]");
    this.svg.addEventListener("pointermove", (event) => {
      const node = nodeOf(event);
      if (node) this.show(node.index, event.clientX, event.clientY);
      else this.tip.hidden = true;
    });
    this.svg.addEventListener("pointerleave", () => (this.tip.hidden = true));
    this.svg.addEventListener("focusin", (event) => {
      const node = nodeOf(event);
      if (!node) return;
      const box = node.firstChild.getBoundingClientRect();
      this.show(node.index, box.left, box.bottom - 12);
    });
    this.svg.addEventListener("focusout", () => (this.tip.hidden = true));
    // The first click zooms, so that the second one is on the same function, though on another element: browsers do not
    // call that a double click.
    let clicked;
    this.svg.addEventListener("click", (event) => {
      const node = nodeOf(event);
      if (!node) return;
      const of = this.calls.function[node.index];
      if (event.detail === 2 && of === clicked) this.showThrough(of, true);
      else this.zoom(node.index);
      clicked = of;
    });
    this.svg.addEventListener("keydown", (event) => {
      const at = this.focused;
      const actions = {
        ArrowUp: () => this.focus(this.calls.parent[at]),
        ArrowDown: () => this.focus(this.callee(at)),
        ArrowLeft: () => this.focus(this.sibling(at, -1)),
        ArrowRight: () => this.focus(this.sibling(at, 1)),
        Home: () => this.focus(0),
        Enter: () => this.zoom(at),
        " ": () => this.zoom(at),
        c: () => this.showThrough(this.calls.function[at], true),
        Escape: () => (this.root === 0 ? this.showAll() : this.zoom(0)),
      };
      const key = event.key === "C" ? "c" : event.key;
      if (!actions[key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      actions[key]();
    });
  }
}
