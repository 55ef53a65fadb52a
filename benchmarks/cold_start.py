"""
What a whole process costs in processor time, user and system, beside `python -c "import yaml"` in the same run.

Run it with `python benchmarks/cold_start.py`. The commands take turns, so that what else the machine does meets all alike.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
ROUNDS = 11
EVALUATE = ("evaluate", "policies/storefront/policy.yaml", "--metrics", "examples/snapshot/healthy.json")
CANARYPOLICY = (sys.executable, "-c", "from canarypolicy.cli import main; main()")
TARGETS = {"--version": 2, "evaluate, cached": 3, "evaluate, uncached": 8}

RULES = """
groups:
  - name: storefront
    interval: 30s
    rules:
      - {alert: ErrorRateLow, expr: 'canary_error_rate_5xx >= 0.01', for: 5m}
      - {alert: LatencyP95, expr: 'canary_latency_p95 > 1.2 * quantile_over_time(0.5, baseline_latency_p95[30m])', for: 5m}
      - {alert: LoginErrors, expr: 'canary_login_errors > 0', for: 5m}
      - {alert: SaleErrors, expr: 'canary_sale_errors > 0', for: 5m}
      - {alert: PaymentErrors, expr: 'canary_payment_errors > 0', for: 5m}
      - {alert: LogErrorsGrowing, expr: 'deriv(app_log_errors[15m]) > 0'}
      - {alert: ErrorRate, expr: 'canary_error_rate_5xx >= 0.02', for: 5m}
      - {alert: DataIncident, expr: 'incident_data == 1'}
      - {alert: ConsistencyIncident, expr: 'incident_consistency == 1'}
      - {alert: LoginBlocked, expr: 'incident_login_blocked == 1'}
      - {alert: SalesBlocked, expr: 'incident_sales_blocked == 1'}
"""
TESTS = """
rule_files: [rules.yml]
evaluation_interval: 30s
tests:
  - interval: 30s
    input_series:
      - {series: canary_error_rate_5xx, values: '0.0014'}
      - {series: canary_latency_p95, values: '0.208'}
      - {series: baseline_latency_p95, values: '0.211'}
      - {series: canary_login_errors, values: '0'}
      - {series: canary_sale_errors, values: '0'}
      - {series: canary_payment_errors, values: '0'}
      - {series: app_log_errors, values: '0.71'}
      - {series: incident_data, values: '0'}
    alert_rule_test:
      - {eval_time: 0s, alertname: ErrorRate, exp_alerts: []}
      - {eval_time: 0s, alertname: DataIncident, exp_alerts: []}
"""


def cpu_ms(command: tuple[str, ...], folder: Path, variables: Mapping[str, str]) -> float:
    """
    Run a command and give the milliseconds of processor time of it and all that it starts.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, env={**os.environ, **variables}, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 4), done.stderr.decode()
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000


def commands(folder: Path) -> dict[str, Callable[[], float]]:
    """
    Give what is measured by its name; the first is what all are measured by.
    """
    (folder / "rules.yml").write_text(RULES)
    (folder / "tests.yml").write_text(TESTS)
    kept, off = {"CANARYPOLICY_CACHE": str(folder / "cache")}, {"CANARYPOLICY_CACHE": "off"}
    made: dict[str, Callable[[], float]] = {
        "import yaml": lambda: cpu_ms((sys.executable, "-c", "import yaml"), ROOT, off),
        "import click": lambda: cpu_ms((sys.executable, "-c", "import click"), ROOT, off),
        "--version": lambda: cpu_ms((*CANARYPOLICY, "--version"), ROOT, kept),
        "evaluate, cached": lambda: cpu_ms((*CANARYPOLICY, *EVALUATE), ROOT, kept),
        "evaluate, uncached": lambda: cpu_ms((*CANARYPOLICY, *EVALUATE), ROOT, off),
        "validate": lambda: cpu_ms((*CANARYPOLICY, "validate", EVALUATE[1]), ROOT, off),
    }
    promtool = shutil.which("promtool")
    if promtool is not None:
        made["promtool test rules"] = lambda: cpu_ms((promtool, "test", "rules", "tests.yml"), folder, off)
    return made


def main() -> int:
    """
    Print the table; the exit status says whether all targets are kept.
    """
    with tempfile.TemporaryDirectory() as folder:
        measured = commands(Path(folder))
        times: dict[str, list[float]] = {name: [] for name in measured}
        for run in measured.values():  # the first fills caches: ours, and Python's own
            run()
        for _ in range(ROUNDS):
            for name, run in measured.items():
                times[name].append(run())
    one = median(times["import yaml"])
    is_kept = True
    print(f"processor time of whole processes, {ROUNDS} runs in turn (milliseconds: least, median; times `import yaml`)")
    for name, each in times.items():
        ratio, target = median(each) / one, TARGETS.get(name)
        is_met = target is None or ratio <= target
        is_kept = is_kept and is_met
        verdict = "" if target is None else f"   target {target}: {'kept' if is_met else 'NOT kept'}"
        print(f"  {name:<20} {min(each):8.1f} {median(each):8.1f}   {ratio:5.1f}{verdict}")
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
