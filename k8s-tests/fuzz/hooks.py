"""What schemathesis is told about these services: ids that exist, and what is to be counted.

FUZZ_WORLD names a JSON file of real ids (world.ts), FUZZ_REPORT the JSON file that the counts go to.
"""

import atexit
import copy
import itertools
import json
import os
import threading
import zlib
from collections import Counter

import schemathesis
from schemathesis.core.parameters import ParameterLocation

WORLD = json.load(open(os.environ["FUZZ_WORLD"]))
SAMPLES_OF_A_FINDING = 3
lock = threading.Lock()
keys = itertools.count()
answers: Counter = Counter()  # (operation, status)
findings: dict = {}
lost = 0


def chance(case, salt, of):
    """A number below `of` that follows from the generated request, so that a repeated one is changed alike."""
    seen = repr((case.operation.label, case.path_parameters, case.query, case.body, salt))
    return zlib.crc32(seen.encode("utf-8", "backslashreplace")) % of


def pick(case, name, values):
    return values[chance(case, name, len(values))]


def is_positive(case, location):
    return case.meta is None or not case.meta.is_negative_at(location)


def name_real_things(case, value, depth=0):
    """Puts real ids into a body's fields; three of four values are replaced."""
    if not isinstance(value, dict) or depth > 3:
        return
    for name, inner in value.items():
        known = WORLD["fields"].get(name)
        if known and isinstance(inner, str) and chance(case, name, 4):
            value[name] = pick(case, name, known)
        elif known and isinstance(inner, list) and chance(case, name, 4):
            value[name] = known[: min(len(inner), len(known))]
        elif isinstance(inner, list):
            for each in inner:
                name_real_things(case, each, depth + 1)
        else:
            name_real_things(case, inner, depth + 1)


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    for end, known in WORLD["paths"].items():
        if path.endswith(end) and is_positive(case, ParameterLocation.PATH) and chance(case, "path", 4):
            for name, values in known.items():
                case.path_parameters[name] = pick(case, name, values)
    seller = case.query.get("seller") if isinstance(case.query, dict) else None
    if isinstance(seller, str) and is_positive(case, ParameterLocation.QUERY) and chance(case, "seller", 2):
        case.query["seller"] = pick(case, "seller", WORLD["fields"]["seller"])
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY):
        name_real_things(case, case.body)
        if path.endswith("/sessions") and not chance(case, "sign-in", 4):
            case.body = dict(WORLD["signIn"])
        send_whole_body(case, path)
        if path.endswith("/payments") and chance(case, "payment", 2):
            with lock:
                if WORLD["payments"]:
                    case.body.update(WORLD["payments"].pop())
    sign_in(case, path)


def send_whole_body(case, path):
    """One of four bodies is one that the service takes: a few rules, such as which fields go together, are in no schema."""
    for operation, bodies in WORLD["bodies"].items():
        method, end = operation.split(" ")
        if case.method == method and path.endswith(end) and not chance(case, "whole", 4):
            case.body = copy.deepcopy(pick(case, "body", bodies))
            if path.endswith("/orders") and is_positive(case, ParameterLocation.HEADER):
                case.headers["Idempotency-Key"] = f"fuzz-{next(keys)}"


def sign_in(case, path):
    """The pass's own token, but never to sign out with: that ends the session, and with it whatever the token is for.

    Nor is a refresh token good twice: each of these requests has a session of its own. The token does not come by
    `--header`, since what does overrides the hooks.
    """
    ends, refreshes = path.endswith("/sessions/current"), path.endswith("/sessions/refresh")
    session = None
    if ends or refreshes:
        with lock:
            session = WORLD["sessions"].pop() if WORLD["sessions"] else None
    if refreshes and session:
        case.headers["Cookie"] = session["cookie"]
    token = (session["token"] if session else "none-left") if ends else WORLD.get("token")
    if WORLD.get("token"):
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(context, case, response):
    with lock:
        answers[(case.operation.label, response.status_code)] += 1


@schemathesis.hook
def after_network_error(context, case, request):
    global lost
    with lock:
        lost += 1


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Counts a failed check; none is filtered away."""
    with lock:
        finding = findings.setdefault(
            (case.operation.label, response.status_code, failure.title), {"count": 0, "samples": []}
        )
        finding["count"] += 1
        if len(finding["samples"]) < SAMPLES_OF_A_FINDING:
            request = response.request
            finding["samples"].append(
                {
                    "request": f"{request.method} {request.url} {str(request.body)[:400]}",
                    "answer": response.content[:400].decode("utf-8", "replace"),
                    "why": failure.message[:600],
                }
            )
    return True


def write_report():
    report = {
        "answers": [{"operation": o, "status": s, "count": n} for (o, s), n in sorted(answers.items())],
        "findings": [
            {"operation": o, "status": s, "title": t, **finding} for (o, s, t), finding in findings.items()
        ],
        "lost": lost,
    }
    with open(os.environ["FUZZ_REPORT"], "w") as file:
        json.dump(report, file)


atexit.register(write_report)
