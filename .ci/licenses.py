#!/usr/bin/env python3
"""Prints the licences of all crates that are built into the program, for the archive of a release.

Usage: licenses.py [TARGET]. With those of the standard library and, of static programs, musl. Fails if a crate has a licence that is not known to be compatible, or comes without its text.
"""

import json
import pathlib
import re
import subprocess
import sys

# Any of these lets a program under MIT be distributed with the crate built in, if its text is passed on.
ACCEPTED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "Zlib", "Unicode-3.0", "ISC", "Unlicense", "MIT-0", "0BSD"}
TEXTS = re.compile(r"(?i)^(licen[cs]e|copying|notice|unlicense|copyright)([-._].*)?$")


# What is linked in beside the crates, under the text of heapdiff's own licence: by the end of the target, name and holder.
LIBRARIES = {
    "": ("Rust's standard library", "Copyright (c) The Rust Project Contributors"),
    "-musl": ("musl", "Copyright (c) 2005-2020 Rich Felker, et al."),
}


def accepts(expression):
    """Whether a choice within an SPDX expression is accepted; the old form A/B means A OR B."""
    words = re.findall(r"[()]|[^\s()/]+|/", expression)
    python = [
        {"OR": "or", "/": "or", "AND": "and", "(": "(", ")": ")"}.get(word, str(word in ACCEPTED))
        for word in words
        if word not in ("WITH", "LLVM-exception")
    ]
    return eval(" ".join(python))  # Only words made above.


def built_in(target):
    """The packages that the program is linked from, by name and version."""
    command = ["cargo", "metadata", "--format-version=1", "--locked"]
    metadata = json.loads(subprocess.run(command + (["--filter-platform", target] if target else []),
                                         check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = metadata["resolve"]["root"]
    found, waiting = set(), [root]
    while waiting:
        for dependency in nodes[waiting.pop()]["deps"]:
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            is_macro = any("proc-macro" in part["kind"] for part in packages[dependency["pkg"]]["targets"])
            if normal and not is_macro and dependency["pkg"] not in found:
                found.add(dependency["pkg"])
                waiting.append(dependency["pkg"])
    return sorted((packages[package] for package in found), key=lambda package: (package["name"], package["version"]))


def libraries(target):
    """The texts of what is linked in beside the crates, with the name of each."""
    mit = pathlib.Path(__file__).parent.parent.joinpath("LICENSE").read_text(encoding="utf-8").strip()
    for end, (name, holder) in LIBRARIES.items():
        if target.endswith(end):
            text, changed = re.subn(r"(?m)^Copyright .*$", holder, mit)
            assert changed == 1, "LICENSE has one line of copyright"
            yield text, [f"{name} (LICENSE-MIT)"]


def main():
    target = sys.argv[1] if len(sys.argv) > 1 else ""
    crates = built_in(target)
    texts, problems = dict(libraries(target)), []
    for crate in crates:
        name, licence = f"{crate['name']} {crate['version']}", crate["license"] or ""
        if not accepts(licence or "none"):
            problems.append(f"{name}: {licence or 'no licence'}")
        folder = pathlib.Path(crate["manifest_path"]).parent
        files = sorted(path for path in folder.iterdir() if path.is_file() and TEXTS.match(path.name))
        files += sorted(path for path in folder.glob("LICENSES/*") if path.is_file())
        if not files:
            problems.append(f"{name}: {licence}, without its text")
        for path in files:
            text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n").strip()
            texts.setdefault(text, []).append(f"{name} ({path.name})")
    if problems:
        sys.exit("licences to look at:\n" + "\n".join(problems))
    print("heapdiff is built with Rust's standard library (MIT OR Apache-2.0)" + (", musl (MIT)" * target.endswith("-musl"))
          + " and these crates, under these licences:\n")
    for crate in crates:
        print(f"{crate['name']} {crate['version']}: {crate['license']}, {crate['repository'] or 'no address'}")
    for text, users in texts.items():
        print("\n" + "=" * 80 + "\n" + "\n".join(users) + "\n" + "-" * 80 + "\n\n" + text)


if __name__ == "__main__":
    main()
