#!/usr/bin/env python3
"""Measures heapdiff on generated pairs, beside the floor of inflating both files and `go tool pprof`.

  tests/benches/table.py [SIZE ...]      S M L XL by default: a table of ratios from interleaved runs
  tests/benches/table.py layouts         M and L in google/pprof's order, unpacked, and in many gzip members
  tests/benches/table.py scaling         what doubling the samples, and ten times the dead buckets, cost
  tests/benches/table.py instructions    callgrind's counts for S and M, as in instructions.tsv

Wall is the median of runs that take turns, so that a busy machine burdens all alike; peak is the largest resident
set. Needs GNU time, for `instructions` valgrind, and for the comparison with pprof a Go toolchain, if there is one.
Generated files go to target/benches.
"""
import functools
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "target/benches"
RELEASE = ROOT / "target/release"
PROGRAM, FLOOR, GENERATE = RELEASE / "heapdiff", RELEASE / "examples/floor", RELEASE / "examples/generate"
RUNS = {"S": 31, "M": 21, "L": 9, "XL": 3}


def build():
    # The program last and alone: with the examples it would be made with what their dependencies ask of its own.
    for what in ["--examples", "--bins"]:
        subprocess.run(["cargo", "build", "--release", "--quiet", what], cwd=ROOT, check=True)


def pair(size, *options):
    folder = FOLDER / "-".join([size, *options])
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=FOLDER.parent) as temporary:
            subprocess.run([GENERATE, temporary, size, *options], check=True)
            shutil.copytree(temporary, folder)
    return sorted(folder.iterdir())


def run(command):
    """Wall and CPU seconds."""
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise subprocess.CalledProcessError(status, command)
    return wall, usage.ru_utime + usage.ru_stime


def peak(command):
    """The largest resident set, in MB. By GNU time, as what starts a program counts, too, and Python is larger."""
    with tempfile.NamedTemporaryFile() as report:
        command = ["time", "-q", "-o", report.name, "-f", "%M", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return int(pathlib.Path(report.name).read_text()) / 1024


def interleaved(commands, runs):
    """For each command: median wall, median CPU, largest peak."""
    results = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(run(command))
    median = lambda rows, at: statistics.median(row[at] for row in rows)
    largest = lambda command: max(peak(command) for _ in range(min(runs, 5)))
    return {name: (median(rows, 0), median(rows, 1), largest(commands[name])) for name, rows in results.items()}


@functools.cache
def pprof():
    """The pprof tool itself, without the start of the go command; None where there is no Go."""
    if shutil.which("go") is None:
        return None
    return subprocess.run(["go", "tool", "-n", "pprof"], check=True, capture_output=True, text=True).stdout.strip()


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def milliseconds(seconds):
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def sizes(names):
    row("pair", "samples", "gzip", "floor", "heapdiff", "over the floor", "CPU", "peak", "pprof, one metric", "faster by")
    row(*["---"] * 10)
    for name in names:
        files = pair(name)
        commands = {"floor": [FLOOR, *files], "heapdiff": [PROGRAM, *files]}
        results = interleaved(commands, RUNS.get(name, 5))
        (floor, _, _), (wall, cpu, peak) = results["floor"], results["heapdiff"]
        peer, factor = "", ""
        if pprof() and name != "XL":
            command = [pprof(), "-symbolize=none", "-top", "-sample_index=inuse_space", f"-diff_base={files[0]}", files[1]]
            seconds = interleaved({"pprof": command}, 1 if name == "L" else 5)["pprof"]
            peer, factor = f"{milliseconds(seconds[0])}, {seconds[2]:.0f} MB", f"{seconds[0] / wall:.0f}"
        samples = {"S": "2,000", "M": "50,000", "L": "1,000,000", "XL": "5,000,000"}.get(name, name)
        compressed = f"{sum(file.stat().st_size for file in files) / 2e6:.1f} MB"
        row(name, samples, compressed, milliseconds(floor), milliseconds(wall), f"{wall / floor:.2f}", milliseconds(cpu), f"{peak:.1f} MB", peer, factor)


def layouts():
    row("pair", "layout", "wall", "over Go's")
    row(*["---"] * 4)
    for name in ["M", "L"]:
        options = {"Go": [], "google/pprof": ["pprof"], "unpacked": ["unpacked"], "100 members": ["members=100"]}
        results = interleaved({layout: [PROGRAM, *pair(name, *option)] for layout, option in options.items()}, RUNS[name])
        for layout, (wall, _, _) in results.items():
            row(name, layout, milliseconds(wall), f"{wall / results['Go'][0]:.2f}")


def scaling():
    row("pair", "wall", "peak")
    row(*["---"] * 3)
    # As many locations as have stacks of the same depth.
    pairs = {"200,000 samples": pair("200000x65536"), "400,000 samples": pair("400000x131071"),
             "M": pair("M"), "M, ten times the dead buckets": pair("M", "dead=10")}
    for name, (wall, _, peak) in interleaved({name: [PROGRAM, *files] for name, files in pairs.items()}, 9).items():
        row(name, milliseconds(wall), f"{peak:.1f} MB")


def instructions():
    """Uncompressed, since inflating depends on the machine's vector units."""
    for name in ["S", "M"]:
        command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, *pair(name, "raw")]
        report = subprocess.run(command, check=True, capture_output=True, text=True).stderr
        print(name, re.search(r"Collected : (\d+)", report).group(1), sep="\t", flush=True)


def main():
    build()
    FOLDER.mkdir(parents=True, exist_ok=True)
    tasks = {"layouts": layouts, "scaling": scaling, "instructions": instructions}
    names = sys.argv[1:] or ["S", "M", "L", "XL"]
    tasks[names[0]]() if names[0] in tasks else sizes(names)


if __name__ == "__main__":
    main()
