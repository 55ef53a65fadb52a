"""
A smoke test of the shop, as a program that a gate runs: `smoke.py URL` prints how many of three purchases passed.
"""

import sys
import urllib.request

passed = failed = 0
for path in ("/login", "/sales", "/reservations/smoke-test/payment"):
    try:
        with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, method="POST"), timeout=2) as answer:
            ok = answer.read() == b"done"
    except OSError:
        ok = False
    passed, failed = passed + ok, failed + (not ok)
print(f"passed={passed} failed={failed}")
