// The page of a report: one metric for all that is drawn, the table, and the details of a site.

/** Rows that are rendered beyond what is seen. */
const BEYOND = 8;
/** Rows on paper. */
const ON_PAPER = 200;

/** The values of a series as a line, first to last. */
function sparkline(values, width, height) {
  const low = Math.min(...values), high = Math.max(...values);
  // What hardly moves looks like it.
  const swing = Math.max(high - low, high / 20, 1);
  const x = (at) => (values.length > 1 ? 2 + (at / (values.length - 1)) * (width - 4) : width / 2);
  const y = (value) => height - 3 - ((value - low) / swing) * (height - 6);
  const points = values.map((value, at) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`);
  const last = values.length - 1;
  return shape(
    "svg",
    { class: "spark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    shape("polyline", { points: points.join(" ") }),
    shape("circle", { cx: x(last), cy: y(values[last]), r: 2.5 }),
  );
}

class Report {
  constructor(data, { flame, table, dialog, filter, sorter, count, metric }) {
    Object.assign(this, { data, sites: data.sites, table, dialog, count, units: new Units(data) });
    this.noun = table.dataset.noun;
    this.metric = data.metrics[0].key;
    this.flame = flame;
    if (data.metrics.length > 1) {
      const choices = data.metrics.map(({ key, name }) => [key, name]);
      metric.append(choice("Metric", choices, this.metric, (chosen) => this.setMetric(chosen)));
    }
    this.text = (column, at) => this.sites.texts[this.sites[column][at]];
    this.searched = this.sites.id.map((_, at) =>
      ["full", "name", "place", "owner", "what"].map((column) => this.text(column, at)).join(" ").toLowerCase(),
    );
    this.order = [...this.sites.id.keys()];
    this.sort = { by: "rank", up: true };
    this.focused = 0;
    this.makeTable();
    sorter.append(this.makeSorter());
    filter.addEventListener("input", () => {
      this.words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      this.arrange();
    });
    this.words = [];
    const again = () => this.render();
    addEventListener("scroll", again, { passive: true });
    addEventListener("resize", () => {
      this.height = 0;
      again();
    });
    addEventListener("beforeprint", () => this.print(true));
    addEventListener("afterprint", () => this.print(false));
    this.dialog.querySelector("button.close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    this.arrange();
  }

  delta(at, metric) {
    return this.sites.current[metric][at] - this.sites.base[metric][at];
  }

  /** What a column sorts by. */
  key(by, at) {
    const [what, metric] = by.split(" ");
    switch (what) {
      case "delta": return this.delta(at, metric);
      case "base": case "current": case "low": case "high": return this.sites[what][metric][at];
      case "rank": return this.sites.rank[at];
      default: return this.text(what, at).toLowerCase();
    }
  }

  makeTable() {
    this.columns = [{ class: "rank", parts: [["rank", "#"]] }];
    for (const { key, name } of this.data.metrics) {
      const parts = [[`delta ${key}`, name], [`base ${key}`, "base"], [`current ${key}`, "current"]];
      this.columns.push({ class: "number", parts });
    }
    this.columns.push({ class: "bounds", parts: [["low", "95 % interval"], ["high", "upper bound"]] });
    if (this.sites.course) {
      this.columns.push({ class: "course", parts: [[null, "trend"]] });
      this.table.classList.add("has-course");
    }
    this.columns.push({ class: "site", parts: [["name", this.noun], ["place", "at"]] });
    this.columns.push({ class: "what", parts: [["what", "verdict"]] });
    if (this.sites.owner.some((owner) => this.sites.texts[owner])) {
      this.columns.push({ class: "owner", parts: [["owner", "called by"]] });
    }
    // A phone shows a row as a card, which takes the roles away that elements of tables have by themselves.
    this.head = element("tr", { role: "row", "aria-rowindex": 1 });
    for (const column of this.columns) {
      column.head = element("th", { class: column.class, scope: "col", role: "columnheader" });
      const titles = column.parts.map(([by, title]) => {
        if (by === null) return title;
        const button = element("button", { type: "button", "data-by": by }, title);
        button.addEventListener("click", () => this.sortBy(by));
        return button;
      });
      const others = titles.slice(1).flatMap((title, at) => (at ? [" → ", title] : [title]));
      column.head.append(element("div", { class: "first" }, titles[0]), element("div", { class: "second" }, ...others));
      this.head.append(column.head);
    }
    this.body = element("tbody", { role: "rowgroup" });
    this.before = element("tr", { class: "space", "aria-hidden": "true" }, element("td", { colspan: this.columns.length }));
    this.after = this.before.cloneNode(true);
    this.table.append(element("thead", { role: "rowgroup" }, this.head), this.body);
    this.body.addEventListener("click", (event) => {
      const row = event.target.closest("tr[data-place]");
      if (row) this.open(Number(row.dataset.place));
    });
    this.body.addEventListener("focusin", (event) => {
      const row = event.target.closest("tr[data-place]");
      if (row) this.focused = Number(row.dataset.place);
    });
    this.body.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const page = Math.max(Math.floor(innerHeight / this.height) - 2, 1);
      const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (event.key in steps) this.focus(this.focused + steps[event.key]);
      else if (event.key === "Enter" || event.key === " ") this.open(this.focused);
      else return;
      event.preventDefault();
    });
  }

  /** The choice of the order where the titles have no room. */
  makeSorter() {
    const names = { rank: "importance", low: "lower bound", high: "upper bound", name: "name", place: "file and line", what: "verdict", owner: "caller" };
    const title = (by) => {
      const [what, key] = by.split(" ");
      const metric = this.data.metrics.find((known) => known.key === key);
      return metric ? `${what === "delta" ? "growth" : what}, ${metric.name}` : names[what];
    };
    const all = this.columns.flatMap(({ parts }) => parts).map(([by]) => by).filter((by) => by !== null);
    this.sorter = element("select", { "aria-label": "Order" }, ...all.map((by) => element("option", { value: by }, `by ${title(by)}`)));
    this.sorter.addEventListener("change", () => {
      this.sort = { by: null };
      this.sortBy(this.sorter.value);
    });
    return this.sorter;
  }

  setMetric(metric) {
    this.metric = metric;
    this.flame.setMetric(metric);
    this.arrange();
  }

  /** Largest first, texts from a to z; the other way around the second time. */
  sortBy(by) {
    const isText = !/^(delta|base|current|low|high)/.test(by);
    this.sort = { by, up: this.sort.by === by ? !this.sort.up : isText };
    this.arrange();
  }

  /** Filters and sorts: what is equal stays in the order of the report, and what is unknown comes last. */
  arrange() {
    const { by, up } = this.sort;
    const wanted = (at) => this.words.every((word) => this.searched[at].includes(word));
    const full = /^(low|high)$/.test(by) ? `${by} ${this.metric}` : by;
    const keys = this.sites.id.map((_, at) => this.key(full, at));
    const step = up ? 1 : -1;
    const compare = (a, b) => {
      const [x, y] = [keys[a], keys[b]];
      if (x === y) return this.sites.rank[a] - this.sites.rank[b];
      if (x === null || y === null) return x === null ? 1 : -1;
      return (x < y ? -1 : 1) * step;
    };
    this.order = [...this.sites.id.keys()].filter(wanted).sort(compare);
    this.sorter.value = by;
    for (const { head } of this.columns) {
      head.removeAttribute("aria-sort");
      for (const button of head.querySelectorAll("button")) {
        const isIt = button.dataset.by === by;
        button.classList.toggle("up", isIt && up);
        button.classList.toggle("down", isIt && !up);
        if (isIt) head.setAttribute("aria-sort", up ? "ascending" : "descending");
      }
    }
    // The bars have one scale: from the lowest bound to the highest of those listed.
    this.low = this.high = 0;
    for (const at of this.order) {
      this.low = Math.min(this.low, this.sites.low[this.metric][at] ?? 0, this.delta(at, this.metric));
      this.high = Math.max(this.high, this.sites.high[this.metric][at] ?? 0, this.delta(at, this.metric));
    }
    const [shown, all] = [this.order.length, this.sites.id.length];
    const sites = `${grouped(all)} ${this.noun}${all === 1 ? "" : "s"}`;
    this.count.replaceChildren(shown === all ? sites : `${grouped(shown)} of ${sites}`);
    this.table.setAttribute("aria-rowcount", shown + 1);
    this.focused = Math.min(this.focused, Math.max(shown - 1, 0));
    this.from = this.to = -1;
    this.render();
  }

  /** Puts the rows that can be seen on the page, and as much space as the others would take. */
  render() {
    if (this.isOnPaper) return;
    if (!this.height) {
      this.body.replaceChildren(...this.order.slice(0, 1).map((at) => this.row(at, 0)));
      this.height = this.body.firstChild?.getBoundingClientRect().height || 44;
      this.from = -1;
    }
    const top = this.body.getBoundingClientRect().top, count = this.order.length;
    const first = Math.floor(Math.max(-top, 0) / this.height);
    const from = Math.min(Math.max(first - BEYOND, 0), count);
    const to = Math.min(first + Math.ceil(innerHeight / this.height) + BEYOND, count);
    if (from === this.from && to === this.to) return;
    // A focused row that scrolls away hands its focus to its place in the list.
    const hadFocus = this.body.contains(document.activeElement);
    [this.from, this.to] = [from, to];
    this.fill(from, to);
    if (hadFocus) this.body.querySelector(`[data-place="${this.focused}"]`)?.focus({ preventScroll: true });
  }

  fill(from, to) {
    this.before.firstChild.style.height = `${from * this.height}px`;
    this.after.firstChild.style.height = `${(this.order.length - to) * this.height}px`;
    const rows = this.order.slice(from, to).map((at, place) => this.row(at, from + place));
    this.body.replaceChildren(...(from ? [this.before] : []), ...rows, ...(to < this.order.length ? [this.after] : []));
    if (!rows.some((row) => row.tabIndex === 0) && rows.length) rows[0].tabIndex = 0;
  }

  /** The row of a site at a place of the list. */
  row(at, place) {
    const { metric, sites, units } = this;
    const row = element("tr", {
      role: "row",
      "data-place": place,
      "data-site": at,
      "aria-rowindex": place + 2,
      tabindex: place === this.focused ? 0 : -1,
      class: this.rowClass(at),
    });
    const titles = { bounds: "95 % interval", course: "trend", what: "verdict", owner: "called by" };
    const cell = (name, first, second) => {
      const made = element("td", { class: name, role: "cell" }, element("div", { class: "first" }, first));
      if (titles[name]) made.dataset.title = titles[name];
      if (second) made.append(element("div", { class: "second" }, second));
      for (const part of made.children) if (typeof first === "string") part.title = part.textContent;
      row.append(made);
      return made;
    };
    for (const column of this.columns) {
      const [[by]] = column.parts;
      if (column.class === "rank") cell("rank", grouped(sites.rank[at]));
      else if (column.class === "number") {
        const key = by.split(" ")[1], change = this.delta(at, key);
        const made = cell("number", units.delta(key, change), units.both(key, sites.base[key][at], sites.current[key][at]));
        made.firstChild.classList.add(change > 0 ? "grew" : change < 0 ? "less" : "same");
        made.dataset.title = this.data.metrics.find((known) => known.key === key).name;
      } else if (column.class === "bounds") cell("bounds", this.bar(at, 150), this.bounds(at, metric));
      else if (column.class === "course") cell("course", sparkline(sites.course[metric][at], 110, 34));
      else if (column.class === "site") cell("site", this.text("name", at), this.text("place", at));
      else if (column.class === "what") cell("what", unbroken(this.text("what", at)));
      else {
        const [name, place] = this.text("owner", at).split(/ (?=[^ ]*$)/);
        cell("owner", name, place);
      }
    }
    return row;
  }

  /** How sure the growth of a site is, or in a series whether it goes on: what its colours and its mark are by. */
  rowClass(at) {
    const { kind, verdict } = this.sites;
    const isSame = this.data.metrics.every(({ key }) => this.delta(at, key) === 0);
    if (isSame) return "same";
    if (!kind) return verdict[at];
    return { leak: "grew", candidate: "suspect" }[kind[at]] ?? (verdict[at] === "noise" ? "noise" : "ended");
  }

  /** The bounds of a growth in words. */
  bounds(at, metric) {
    const [low, high] = [this.sites.low[metric][at], this.sites.high[metric][at]];
    return low === null ? "unknown" : `${this.units.delta(metric, low)} to ${this.units.delta(metric, high)}`;
  }

  /** The bounds of a growth as a bar, with a mark at the growth itself, and a line at 0. */
  bar(at, width) {
    const { metric, sites } = this;
    const x = (value) => 2 + ((value - this.low) / Math.max(this.high - this.low, 1)) * (width - 4);
    const [low, high] = [sites.low[metric][at], sites.high[metric][at]];
    const bar = shape("svg", { class: "bar", width, height: 14, viewBox: `0 0 ${width} 14`, "aria-hidden": "true" });
    bar.append(shape("line", { class: "zero", x1: x(0), x2: x(0), y1: 0, y2: 14 }));
    if (low !== null) {
      bar.append(shape("rect", { x: x(low), y: 4, width: Math.max(x(high) - x(low), 1), height: 6, rx: 2 }));
    }
    const change = x(this.delta(at, metric));
    bar.append(shape("line", { class: "change", x1: change, x2: change, y1: 1, y2: 13 }));
    return bar;
  }

  /** Moves the focus to a place of the list, which is scrolled to. */
  focus(place) {
    this.focused = Math.min(Math.max(place, 0), this.order.length - 1);
    const top = this.body.getBoundingClientRect().top + this.focused * this.height;
    // Below what stays on top: the titles, if they do, and the switch of the metric.
    const covered = Math.max(this.head.firstChild.getBoundingClientRect().bottom, 44);
    if (top < covered) scrollBy(0, top - covered);
    else if (top + this.height > innerHeight) scrollBy(0, top + this.height - innerHeight);
    this.from = -1;
    this.render();
    this.body.querySelector(`[data-place="${this.focused}"]`)?.focus({ preventScroll: true });
  }

  /** On paper: the first rows, and no empty space. */
  print(isOnPaper) {
    this.isOnPaper = isOnPaper;
    this.from = -1;
    if (!isOnPaper) return this.render();
    const height = this.height;
    this.height = 0;
    this.fill(0, Math.min(this.order.length, ON_PAPER));
    this.height = height;
    const more = this.order.length - ON_PAPER;
    if (more > 0) {
      const text = `and ${grouped(more)} more`;
      this.body.lastChild.replaceWith(element("tr", {}, element("td", { colspan: this.columns.length }, text)));
    }
  }

  /** The details of a site: all numbers, and its stacks. */
  open(place) {
    const at = this.order[place];
    if (at === undefined) return;
    this.focused = place;
    const { sites, units, data } = this;
    const content = this.dialog.querySelector(".content");
    const table = element("table", { class: "numbers" });
    const line = (title, text) => {
      const cells = data.metrics.map(({ key, name }) => element(title ? "td" : "th", {}, text(key, name)));
      table.append(element("tr", {}, element("th", {}, title), ...cells));
    };
    line("", (_, name) => name);
    line("base", (key) => units.value(key, sites.base[key][at]));
    line("current", (key) => units.value(key, sites.current[key][at]));
    line("delta", (key) => units.delta(key, this.delta(at, key)));
    line("95 % interval", (key) => this.bounds(at, key));
    const p = sites.p_value[at];
    const samples = `samples: ${grouped(sites.samples_base[at])} → ${grouped(sites.samples_current[at])}`;
    const facts = [samples, p === null ? "" : `chance alone: p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`, sites.id[at]];
    content.replaceChildren(
      element("h2", { id: "details-title" }, this.text("full", at)),
      element("p", {}, [this.text("place", at), this.text("what", at)].filter(Boolean).join(", ")),
    );
    if (this.text("owner", at)) content.append(element("p", {}, `called by ${this.text("owner", at)}`));
    content.append(table, element("p", { class: "note" }, facts.filter(Boolean).join(" · ")));
    if (sites.course) {
      for (const { key, name } of data.metrics) {
        const values = sites.course[key][at];
        content.append(element("p", {}, `${name}: ${values.map((value) => units.value(key, value)).join(", ")}`));
        content.append(sparkline(values, 320, 60));
      }
    }
    content.append(element("div", { class: "toolbar" }, ...this.leads(at)));
    this.addStacks(content, at);
    this.dialog.showModal();
    content.scrollTop = 0;
  }

  /** Buttons that lead from the details of a site to where else it is on the page. */
  leads(at) {
    const full = this.text("full", at), { flame } = this;
    const lead = (text, action) => {
      const button = element("button", { type: "button" }, text);
      button.addEventListener("click", () => {
        this.dialog.close();
        action();
      });
      return button;
    };
    const leads = [
      lead("Find in the flame graph", () => {
        flame.showAll();
        flame.search.value = full;
        flame.find(full);
        flame.host.scrollIntoView({ block: "start" });
        flame.search.focus({ preventScroll: true });
      }),
    ];
    const of = flame.functionNamed(full);
    if (of !== undefined) {
      // A root has no holders.
      const { are_references: areReferences } = this.data;
      leads.push(lead(areReferences ? "Show what it holds" : "Show its callers", () => {
        flame.showThrough(of, !areReferences);
        flame.host.scrollIntoView({ block: "start" });
        flame.focus(0);
        // It would be in front of the callers.
        flame.tip.hidden = true;
      }));
    }
    const code = [...document.querySelectorAll("details[data-function]")].find((found) => found.dataset.function === full);
    if (code) {
      leads.push(lead("Show its lines", () => {
        code.open = true;
        code.scrollIntoView({ block: "start" });
        code.firstElementChild.focus({ preventScroll: true });
      }));
    }
    return leads;
  }

  /** The stacks of a site, with the leaf on top, as profiles are read. */
  addStacks(content, at) {
    const { units, data } = this;
    const { stacks } = this.sites;
    const { frames } = data;
    if (!stacks.count[at]) return;
    content.append(element("h3", {}, "Stacks that changed most, allocation first"));
    const sum = (column, end) => column.slice(0, end).reduce((all, value) => all + value, 0);
    const first = sum(stacks.count, at);
    // Where the frames of the stack start that no other before it in this site has.
    let next = sum(stacks.depth, first) - sum(stacks.same, first), stack = [];
    for (let index = first; index < first + stacks.count[at]; index++) {
      const more = stacks.depth[index] - stacks.same[index];
      stack = [...stack.slice(0, stacks.same[index]), ...stacks.frame.slice(next, next + more)];
      next += more;
      const numbers = data.metrics.map(({ key, name }) => {
        const [base, current] = [stacks.base[key][index], stacks.current[key][index]];
        return `${name} ${units.delta(key, current - base)} (${units.both(key, base, current)})`;
      });
      const list = element("ol", { class: "stack" });
      for (const frame of [...stack].reverse()) {
        const place = element("span", { class: "place" }, data.texts[frames.place[frame]]);
        list.append(element("li", {}, data.texts[data.functions.name[frames.function[frame]]], " ", place));
      }
      content.append(element("p", { class: "change" }, numbers.join(", ")), list);
    }
    if (stacks.omitted[at]) {
      const rest = data.metrics.map(({ key, name }) => `${name} ${units.delta(key, stacks.rest[key][at])}`);
      content.append(element("p", { class: "note" }, `and ${grouped(stacks.omitted[at])} more: ${rest.join(", ")}`));
    }
  }
}

{
  const get = (id) => document.getElementById(id);
  const data = JSON.parse(get("data").textContent);
  const flame = new Flame(get("flame"), data, { metricSwitch: false, width: get("flame").dataset.width });
  for (const place of document.querySelectorAll("[data-course]")) {
    place.append(sparkline(data.totals[place.dataset.course], 160, 40));
  }
  new Report(data, {
    flame,
    table: get("sites"),
    dialog: get("details"),
    filter: get("filter"),
    sorter: get("sort"),
    count: get("count"),
    metric: get("metric"),
  });
}
