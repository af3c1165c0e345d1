#!/usr/bin/env python3
"""Run clang-tidy over src/, and remember what passed: a file is looked at again when it, or a header of ours that it
reaches, or the rules change."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
BUILD = ROOT / "build" / "dev"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "carevoice" / "tidy"
# Where a finding begins: a line with a place and a severity.
FINDING = re.compile(r"^(?=/[^\n]*:\d+:\d+: (?:error|warning):)", re.MULTILINE)
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def reached(source):
    """The file and every header of ours that it includes, directly or not."""
    seen, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        waiting += [SRC / name.decode() for name in INCLUDE.findall(path.read_bytes())]
    return sorted(seen)


def key_of(source, arguments):
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    # Another checkout has other paths, but the same flags and the same answer.
    digest.update(arguments.replace(str(ROOT), "").encode())
    for path in reached(source):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()


def compiled_sources():
    commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    for entry in commands:
        source = Path(entry["file"])
        if SRC in source.parents:
            yield source, entry["command"]


def is_ours(finding):
    """Findings inside other people's headers are not for us to mend. And clang-tidy 16 cannot switch a core checker off
    (.clang-tidy says why this one is), so its findings are dropped here."""
    return finding.startswith(str(ROOT)) and "[clang-analyzer-core.CallAndMessage" not in finding.split("\n")[0]


def look_at(source):
    command = ["clang-tidy-16", "--quiet", "--warnings-as-errors=*", "-p", str(BUILD), str(source)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if ran.returncode == 0:
        return True, "", ""
    findings = FINDING.split(ran.stdout)[1:]
    if not findings:
        return False, ran.stdout, ran.stderr
    ours = [finding for finding in findings if is_ours(finding)]
    return not ours, "".join(ours), ran.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="look at every file again")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    CACHE.mkdir(parents=True, exist_ok=True)
    keyed = [(source, CACHE / key_of(source, command)) for source, command in compiled_sources()]
    due = [(source, stamp) for source, stamp in keyed if options.all or not stamp.exists()]
    print(f"lint: clang-tidy on {len(due)} of {len(keyed)} files", flush=True)
    failed = 0
    with ThreadPoolExecutor(options.jobs) as pool:
        results = pool.map(lambda item: look_at(item[0]), due)
        for number, ((source, stamp), (clean, output, errors)) in enumerate(zip(due, results), 1):
            if clean:
                stamp.touch()
            else:
                failed += 1
                print(output or errors)
            state = "" if clean else ": FAILED"
            print(f"lint: [{number}/{len(due)}] {source.relative_to(ROOT)}{state}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
