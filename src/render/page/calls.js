// A tree of calls: columns of numbers, each node before those below it.

class Calls {
  /** `columns`: depth and function, and by metric base, current, grown beyond the own delta, and noise. */
  constructor(columns) {
    Object.assign(this, columns);
    const { depth } = this, count = depth.length, parents = [];
    this.parent = new Int32Array(count);
    this.end = new Int32Array(count).fill(count);
    for (let at = 0; at < count; at++) {
      for (let deeper = parents.length - 1; deeper >= depth[at]; deeper--) this.end[parents[deeper]] = at;
      parents.length = depth[at];
      this.parent[at] = depth[at] ? parents[depth[at] - 1] : -1;
      parents.push(at);
    }
  }

  delta(at, metric) {
    return this.current[metric][at] - this.base[metric][at];
  }

  /** Growth of the stacks that grew. */
  growth(at, metric) {
    return this.grown[metric][at] + Math.max(this.delta(at, metric), 0);
  }

  /** Whether most of its change is within sampling noise. */
  isNoise(at, metric) {
    const change = this.delta(at, metric);
    return change !== 0 && 2 * (change - this.noise[metric][at]) * Math.sign(change) < Math.abs(change);
  }

  /** Its change, as a share of the larger side. */
  share(at, metric) {
    return Math.abs(this.delta(at, metric)) / Math.max(this.base[metric][at], this.current[metric][at], 1);
  }

  /** Its colour: by that share, unless it is noise. */
  color(at, metric) {
    const change = this.delta(at, metric), share = this.share(at, metric);
    if (change === 0) return "n";
    if (this.isNoise(at, metric)) return "z";
    return (change > 0 ? "g" : "s") + (share <= 0.05 ? 1 : share <= 0.25 ? 2 : share <= 0.6 ? 3 : 4);
  }

  /** The outermost calls of a function: each stack goes through one of them at most. */
  outermost(of) {
    const found = [];
    for (let at = 0; at < this.depth.length; ) {
      const isIt = this.function[at] === of;
      if (isIt) found.push(at);
      at = isIt ? this.end[at] : at + 1;
    }
    return found;
  }

  /** All stacks through a function as one tree, with that function on top: of its callers, or of what it calls. */
  through(of, upwards, metrics) {
    const make = (name) => ({ of: name, below: new Map(), sums: metrics.map(() => [0, 0, 0, 0]) });
    const add = (node, at) => {
      metrics.forEach((metric, place) => {
        const { base, current, noise } = this, sums = node.sums[place];
        [base[metric][at], current[metric][at], this.growth(at, metric), noise[metric][at]].forEach(
          (number, column) => (sums[column] += number),
        );
      });
      return node;
    };
    const below = (node, name) => {
      if (!node.below.has(name)) node.below.set(name, make(name));
      return node.below.get(name);
    };
    const top = make(of);
    for (const call of this.outermost(of)) {
      if (upwards) {
        let node = add(top, call);
        for (let at = this.parent[call]; at > 0; at = this.parent[at]) {
          node = add(below(node, this.function[at]), call);
        }
      } else {
        const path = [];
        for (let at = call; at < this.end[call]; at++) {
          const level = this.depth[at] - this.depth[call];
          path[level] = add(level ? below(path[level - 1], this.function[at]) : top, at);
        }
      }
    }
    return Calls.flat(top, metrics);
  }

  /** The columns of a tree of objects, the largest first. */
  static flat(top, metrics) {
    const columns = { depth: [], function: [], base: {}, current: {}, grown: {}, noise: {} };
    for (const metric of metrics) for (const name of ["base", "current", "grown", "noise"]) columns[name][metric] = [];
    const open = [[top, 0]];
    while (open.length) {
      const [node, depth] = open.pop();
      columns.depth.push(depth);
      columns.function.push(node.of);
      metrics.forEach((metric, place) => {
        const [base, current, growth, noise] = node.sums[place];
        columns.base[metric].push(base);
        columns.current[metric].push(current);
        columns.grown[metric].push(growth - Math.max(current - base, 0));
        columns.noise[metric].push(noise);
      });
      const size = (below) => Math.max(below.sums[0][1], below.sums[0][2]);
      for (const below of [...node.below.values()].sort((a, b) => size(a) - size(b))) open.push([below, depth + 1]);
    }
    return new Calls(columns);
  }
}
