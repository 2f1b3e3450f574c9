#!/usr/bin/env python3
"""Compares the dumps under testdata/native with what jeprof and google-pprof read in them, which are the oracles.

  tests/native.py remake    remakes the tables beside the dumps; git shows what changed
  tests/native.py check     remakes them in memory and fails if a committed one differs

Needs Debian's libjemalloc-dev (jeprof) and google-perftools (google-pprof).

The tools get each dump without its memory map, and its stacks without the allocator's own frames: all up to the last, seen from the
leaf, in a library of an allocator, as jeprof cuts them by name when it has symbols. So they print addresses, the same on every
machine, which the map turns here into sites: `file+0xoffset`, address minus start plus offset in the file, as of pprof: the
return address minus 1 (the tools leave the leaf's as it is). Columns of PAIR.tsv:

  site
  BASE_RECORDS CURRENT_RECORDS     of how many of the dump's records the flat numbers are sums; the same of cum
  SPACE: base, current, delta      flat, then cum; then the same of OBJECTS

The tools scale up each record of a sampled dump, add up unrounded numbers, and cut off the fraction of the sum (`%d`, bytes by
`--show_bytes`). Who cuts off each record's may be less by one for each record but one. Delta is what the tools' `--base` says,
if both dumps are of one process; of two, whose addresses differ, they have nothing to say: `-`.
"""
import collections
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "testdata/native"
# The libraries whose frames stand between the program and what takes the samples.
ALLOCATORS = re.compile(r"lib(jemalloc|tcmalloc)[^/]*$")
METRICS = ["inuse_space", "inuse_objects"]
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ..x. ([0-9a-f]+) \S+ \d+\s+(\S.*)")

Record = collections.namedtuple("Record", "addresses values")
Dump = collections.namedtuple("Dump", "body mappings records")


def read(path):
    """A dump: its text down to the memory map, the map's executable files, its records that have live objects."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    body, memory_map = text.split("MAPPED_LIBRARIES:\n")
    mappings = []
    for line in memory_map.splitlines():
        if found := MAPPING.fullmatch(line.rstrip()):
            start, limit, offset = (int(number, 16) for number in found.groups()[:3])
            mappings.append((start, limit, offset, found[4].rsplit("/", 1)[-1]))
    lines, records, addresses = [], [], None
    for line in body.splitlines():
        counts, at, stack = line.partition("@ 0x")
        if at:
            addresses = caller(mappings, [int(address, 16) for address in stack.split()])
            line = f"{counts}@ {' '.join(map(hex, addresses))}"
        # jemalloc's counts follow the stack, and are sums in front of the first.
        if addresses and (found := re.match(r"\s*(?:t\*: )?(\d+):\s*(\d+) \[", line)):
            records.append(Record(addresses, (int(found[2]), int(found[1]))))
        lines.append(line)
    assert records and mappings, path
    return Dump("\n".join(lines), mappings, [record for record in records if any(record.values)])


def caller(mappings, addresses):
    """A stack from the allocator's caller on; whole if there is none."""
    inner = [at for at, address in enumerate(addresses) if ALLOCATORS.match(file(mappings, address - 1)[0])]
    return addresses[inner[-1] + 1 :] if inner and inner[-1] + 1 < len(addresses) else addresses


def file(mappings, address):
    """The file that is mapped at an address, and the offset in it."""
    for start, limit, offset, name in mappings:
        if start <= address < limit:
            return name, address - start + offset
    return "", address


def site(dump, address):
    name, offset = file(dump.mappings, address)
    return f"{name}+{offset:#x}" if name else f"{offset:#x}"


def tool(name, dump, base, metric):
    """The tool's rows by site: [flat, cum]."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / side for side in ("current", "base")]
        for path, side in zip(paths, [dump, base]):
            if side:
                path.write_text(side.body)
        command = [name, "--text", "--addresses", "--show_bytes", f"--{metric}"]
        command += [f"--base={paths[1]}"] if base else []
        sides = [side for side in (dump, base) if side]
        returns = {address for side in sides for record in side.records for address in record.addresses[1:]}
        leaves = {record.addresses[0] for side in sides for record in side.records}
        # Any program will do: none of the addresses is in it.
        out = subprocess.run(command + ["/bin/true", paths[0]], check=True, capture_output=True, text=True).stdout
    # An address could be one call's return address and another's minus 1; then a row would be two sites.
    assert not leaves & {address - 1 for address in returns}
    rows, total = {}, 0
    for line in out.splitlines():
        if found := re.fullmatch(r"Total: (-?\d+) \w+", line):
            total = int(found[1])
            continue
        flat, _, _, cum, _, address, *_ = line.split()
        address = int(address, 16)
        name = site(dump, address - 1 if address in leaves else address)
        row = rows.setdefault(name, [0, 0])
        row[0] += int(flat)
        row[1] += int(cum)
    assert abs(total - sum(flat for flat, _ in rows.values())) <= len(rows), "rows do not add up to the total"
    return rows


def records(dump):
    """By site, how many records are in its flat and its cum."""
    counts = collections.defaultdict(lambda: [0, 0])
    for record in dump.records:
        frames = [address - 1 for address in record.addresses]
        counts[site(dump, frames[0])][0] += 1
        for name in {site(dump, frame) for frame in frames}:
            counts[name][1] += 1
    return counts


def table(name, base, current, same_process):
    sides = [(base, None), (current, None)] + ([(current, base)] if same_process else [])
    numbers = [[tool(name, *side, metric) for side in sides] for metric in METRICS]
    counts = [records(side) for side in (base, current)]
    lines = []
    for row in sorted({row for metric in numbers for rows in metric for row in rows}):
        fields = [row] + [str(count[row][kind]) for kind in (0, 1) for count in counts]
        for metric in numbers:
            for kind in (0, 1):
                fields += [str(rows.get(row, (0, 0))[kind]) for rows in metric]
                fields += [] if same_process else ["-"]
        lines.append("\t".join(fields))
    head = ["site"] + [f"{side}_{kind}_records" for kind in ("flat", "cum") for side in ("base", "current")]
    head += [f"{kind}_{m}_{side}" for m in METRICS for kind in ("flat", "cum") for side in ("base", "current", "delta")]
    return "\n".join(["\t".join(head), *lines]) + "\n"


def main():
    if sys.argv[1:] not in (["remake"], ["check"]):
        sys.exit(__doc__)
    pairs = (FOLDER / "pairs.tsv").read_text().splitlines()
    stale = []
    for line in pairs:
        pair, base, current, processes = line.split("\t")
        path = FOLDER / f"{pair}.tsv"
        name = "jeprof" if pair.startswith("jemalloc") else "google-pprof"
        text = table(name, read(FOLDER / base), read(FOLDER / current), processes == "one")
        if sys.argv[1] == "remake":
            path.write_text(text)
        elif path.read_text() != text:
            stale.append(path.name)
    print(f"{len(pairs)} pairs {'remade' if sys.argv[1] == 'remake' else 'checked'}, {len(stale)} differ: {stale}")
    sys.exit(1 if stale else 0)


if __name__ == "__main__":
    main()
