#!/usr/bin/env python3
"""Hold the rooms of src/ to their law: what a room may include, and what it must leave alone.

The compiler does not: every room sees all of src/ on its include path. Three things are checked: a room's link list
(USES in src/CMakeLists.txt) stays within the table of the design; an include names a room of that list; and the domain
stays pure, without input, output, clock or threads.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"

# The table of the house in docs/architecture.md: a room may use these and no others.
BELOW_CALLS = {"core", "domain", "async", "net", "audio", "speech", "ai", "twilio", "storage", "notify"}
LAW = {
    "core": set(),
    "domain": {"core"},
    "async": {"core"},
    "net": {"core", "async"},
    "audio": {"core"},
    "speech": {"core", "async", "audio", "net"},
    "ai": {"core", "async", "domain", "net"},
    "twilio": {"core", "async", "net"},
    "storage": {"core", "async", "domain"},
    "notify": {"core", "async", "domain", "net", "storage", "twilio"},
    "calls": BELOW_CALLS,
    "api": {"core", "async", "domain", "net", "storage", "twilio", "calls"},
    "simulator": {"core", "async", "net", "audio", "speech", "twilio"},
    "app": BELOW_CALLS | {"calls", "api", "simulator"},
}

# Values and pure functions: what would let the outside in.
IMPURE_HEADERS = re.compile(
    r"^(thread|mutex|shared_mutex|atomic|future|condition_variable|fstream|iostream|filesystem|ctime|random"
    r"|boost/asio.*|boost/beast.*|spdlog/.*)$"
)
IMPURE_CALLS = re.compile(r"(system|steady|high_resolution)_clock::now|\bgetenv\b|\bstd::time\(|\b(f?printf|fopen|f?puts)\(")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ROOM_CALL = re.compile(r"carevoice_room\(\s*(\w+)([^)]*)\)")
KEYWORDS = {"HEAVY", "USES", "PARTS"}


def link_lists():
    """Each room's USES list."""
    lists = {}
    for name, body in ROOM_CALL.findall((SRC / "CMakeLists.txt").read_text(encoding="utf-8")):
        current, used = None, set()
        for word in body.split():
            if word in KEYWORDS:
                current = word
            elif current == "USES":
                used.add(word)
        lists[name] = used
    return lists


def check_link_lists(lists):
    for room, used in lists.items():
        if room not in LAW:
            yield f"src/CMakeLists.txt: the room '{room}' is not in the table of tools/check_rooms.py"
            continue
        for other in sorted(used - LAW[room]):
            yield f"src/CMakeLists.txt: '{room}' may not use '{other}'"


def check_include(room, header, quoted, allowed):
    target = header.split("/")[0]
    if quoted and "/" not in header:
        return f'"{header}" must be written from src/: "{room}/{header}"'
    if target in LAW and quoted and target != room and target not in allowed:
        return f"'{room}' may not include \"{header}\""
    if quoted and header.startswith("."):
        return f'"{header}" must be written from src/'
    if room == "domain" and not quoted and IMPURE_HEADERS.match(header):
        return f"the domain stays pure: <{header}>"
    return None


def check_file(path, room, allowed):
    place = path.relative_to(ROOT)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            fault = check_include(room, found.group(2), found.group(1) == '"', allowed)
            if fault:
                yield f"{place}:{number}: {fault}"
        elif room == "domain" and IMPURE_CALLS.search(line):
            yield f"{place}:{number}: the domain stays pure: no clock, no environment, no output"


def check_rooms(lists):
    for folder in sorted(path for path in SRC.iterdir() if path.is_dir()):
        room = folder.name
        if room not in lists:
            yield f"src/{room}: no carevoice_room({room}) in src/CMakeLists.txt"
            continue
        for path in sorted(folder.rglob("*")):
            if path.suffix in {".h", ".cpp"}:
                yield from check_file(path, room, lists[room])


def main():
    lists = link_lists()
    faults = [*check_link_lists(lists), *check_rooms(lists)]
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
