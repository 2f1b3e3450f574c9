// A flame graph: root on top, a function below its callers, as wide as what it and all that it calls have alive.

/** Pixels, as svg.rs has them. */
const ROW = 20, LETTER = 6.7;
/** Nothing narrower is drawn; zoom in to see it. */
const NARROWEST = 0.5;

class Flame {
  /** Draws `data` in `host`. `metricSwitch`: whether it has one of its own. */
  constructor(host, data, { metricSwitch, width }) {
    Object.assign(this, { host, data, width, units: new Units(data), metric: data.metrics[0].key });
    this.root = this.focused = 0;
    this.query = "";
    this.layOut();
    const toolbar = element("div", { class: "toolbar" });
    if (metricSwitch && data.metrics.length > 1) {
      const choices = data.metrics.map(({ key, name }) => [key, name]);
      toolbar.append(choice("Metric", choices, this.metric, (metric) => this.setMetric(metric)));
    }
    const widths = [["current", "what is alive"], ["delta", "what grew"]];
    toolbar.append(choice("Width", widths, width, (chosen) => {
      this.width = chosen;
      this.draw();
    }));
    this.search = element("input", { type: "search", placeholder: "Search functions", "aria-label": "Search functions" });
    this.search.addEventListener("input", () => this.find(this.search.value));
    this.reset = element("button", { type: "button" }, "Reset zoom");
    this.reset.addEventListener("click", () => this.zoom(0));
    this.found = element("span", { class: "found", role: "status" });
    toolbar.append(this.search, this.reset, this.found);
    this.svg = shape("svg", { role: "tree", "aria-label": "Calls; arrow keys move, Enter zooms, Escape zooms out" });
    this.tip = element("div", { class: "tip", role: "status" });
    this.tip.hidden = true;
    host.replaceChildren(toolbar, this.svg, this.tip);
    this.listen();
    new ResizeObserver(() => this.resize()).observe(host);
  }

  /** What the columns leave to be worked out: parents, where a subtree ends, names. */
  layOut() {
    const { depth, function: of } = this.data.flame, { functions } = this.data;
    const count = depth.length, parents = [];
    this.parent = new Int32Array(count);
    this.end = new Int32Array(count).fill(count);
    for (let at = 0; at < count; at++) {
      for (let deeper = parents.length - 1; deeper >= depth[at]; deeper--) this.end[parents[deeper]] = at;
      parents.length = depth[at];
      this.parent[at] = depth[at] ? parents[depth[at] - 1] : -1;
      parents.push(at);
    }
    this.name = (at) => (of[at] < 0 ? "all" : this.data.texts[functions.name[of[at]]]);
    this.full = (at) => (of[at] < 0 ? "all" : this.data.texts[functions.full[of[at]]]);
  }

  delta(at, metric = this.metric) {
    return this.data.flame.current[metric][at] - this.data.flame.base[metric][at];
  }

  /** The width of a node, in the metric. */
  size(at) {
    const { current, grown } = this.data.flame;
    if (this.width === "current") return Math.max(current[this.metric][at], 0);
    return grown[this.metric][at] + Math.max(this.delta(at), 0);
  }

  /** Its colour: by what part of the larger side it changed. */
  color(at) {
    const { base, current } = this.data.flame;
    const change = this.delta(at);
    if (change === 0) return "n";
    const part = Math.abs(change) / Math.max(base[this.metric][at], current[this.metric][at], 1);
    return (change > 0 ? "g" : "s") + (part <= 0.05 ? 1 : part <= 0.25 ? 2 : part <= 0.6 ? 3 : 4);
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
    const { depth } = this.data.flame;
    const hadFocus = this.svg.contains(document.activeElement);
    const scale = this.pixels / Math.max(this.size(this.root), 1);
    this.drawn = new Map();
    let deepest = depth[this.root];
    for (let at = this.root; at >= 0; at = this.parent[at]) this.put(at, 0, this.pixels, at !== this.root);
    const next = [];
    for (let at = this.root, end = this.end[at]; at < end; ) {
      const width = this.size(at) * scale, x = at === this.root ? 0 : next[depth[at]];
      next[depth[at]] = x + width;
      next[depth[at] + 1] = x;
      if (width < NARROWEST) {
        at = this.end[at];
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
    this.tip.hidden = true;
    this.tell();
  }

  put(at, x, width, isCaller) {
    const change = this.delta(at), depth = this.data.flame.depth[at];
    const growth = change ? ` ${this.units.delta(this.metric, change)}` : "";
    const text = sign(change) + this.name(at) + growth;
    const room = Math.floor((width - 6) / LETTER);
    const shown = text.length <= room ? text : room < 3 ? "" : `${text.slice(0, room - 1)}…`;
    const classes = [this.color(at)];
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
    const { base, current, grown } = this.data.flame;
    const lines = [this.full(at)];
    for (const { key, name } of this.data.metrics) {
      const whole = current[key][0], change = this.delta(at, key);
      const share = whole > 0 ? `, ${((current[key][at] / whole) * 100).toFixed(1)} % of what is alive` : "";
      const word = change > 0 ? "▲ grew" : change < 0 ? "▼ shrank" : "unchanged";
      lines.push(`${name} ${word} ${this.units.delta(key, change)}`);
      lines.push(`    ${this.units.both(key, base[key][at], current[key][at])}${share}`);
      if (grown[key][at] > 0) {
        lines.push(`    stacks that grew: ${this.units.delta(key, grown[key][at] + Math.max(change, 0))}`);
      }
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
    const { depth, base, current } = this.data.flame;
    this.hits = null;
    if (this.query) {
      const { functions: { name, full }, texts } = this.data;
      const has = (text) => texts[text].toLowerCase().includes(this.query);
      const isHit = full.map((text, at) => has(text) || has(name[at]));
      this.hits = this.data.flame.function.map((of) => of >= 0 && isHit[of]);
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
        at = this.end[at];
      }
      this.matched = { count, sums };
    }
    this.draw();
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
    const { depth } = this.data.flame;
    const { x } = this.drawn.get(at);
    const row = [...this.drawn].filter(([other]) => depth[other] === depth[at]);
    const beside = row.filter(([, other]) => (other.x - x) * step > 0).sort((a, b) => (a[1].x - b[1].x) * step);
    return beside.length ? beside[0][0] : at;
  }

  /** The widest drawn node that one calls. */
  callee(at) {
    const callees = [...this.drawn].filter(([other]) => this.parent[other] === at);
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
    this.svg.addEventListener("click", (event) => {
      const node = nodeOf(event);
      if (node) this.zoom(node.index);
    });
    this.svg.addEventListener("keydown", (event) => {
      const at = this.focused;
      const actions = {
        ArrowUp: () => this.focus(this.parent[at]),
        ArrowDown: () => this.focus(this.callee(at)),
        ArrowLeft: () => this.focus(this.sibling(at, -1)),
        ArrowRight: () => this.focus(this.sibling(at, 1)),
        Home: () => this.focus(0),
        Enter: () => this.zoom(at),
        " ": () => this.zoom(at),
        Escape: () => this.zoom(0),
      };
      if (!actions[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      actions[event.key]();
    });
  }
}
