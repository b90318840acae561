"""What readers get from a real nginx: requests per second, and whole pages while notices are published and builds
run."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import partial
from pathlib import Path

from bench.figures import Figures
from bench.history import NOW, build_again, go_on
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support.readers import NGINX, nginx, watch

_SECONDS = 5


def report(env: Environment, folder: Path, gets: int, figures: Figures) -> None:
    """Measures both on a site of this environment."""
    print("Readers, from one process of nginx on this machine")
    if not Path(NGINX).exists():
        print("  not measured: nginx is not installed")
        return
    site_updates.build_site(env, now=NOW)
    with nginx(env.site_folder.current, folder / "nginx") as port:
        _rate(port)
        seen = watch(port, gets, partial(go_on, env), partial(build_again, env))
    print(f"  {seen.gets:,} GETs of {seen.places:,} addresses")
    print(f"  during {seen.publications} publications and {seen.builds} builds:")
    figures.add("pages that were missing, torn, outdated or had broken links", len(seen.faults), "")
    for fault in seen.faults[:10]:
        print(f"    {fault}")


def _rate(port: int) -> None:
    wrk = shutil.which("wrk")
    if wrk is None:
        print("  requests a second: not measured, wrk is not installed")
        return
    address = f"http://127.0.0.1:{port}/en/"
    command = [wrk, "-t1", "-c50", f"-d{_SECONDS}", "-H", "Accept-Encoding: gzip", address]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    match = re.search(r"Requests/sec:\s*([0-9.]+)", output)
    print(f"  the front, compressed: {float(match[1]) if match else 0:,.0f} requests a second")
