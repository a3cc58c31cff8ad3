"""`autograder worker`, and the options by which other commands use a cluster."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.cluster import Place

_path = click.Path(path_type=Path)


def tls_options(command: Callable[..., None]) -> Callable[..., None]:
    """The files that a cluster's TLS takes."""
    for name, words in (
        ("key", "The certificate's key."),
        ("cert", "The certificate of this machine."),
        ("ca", "The CA of the cluster's certificates; Dask's own settings name these files too."),
    ):
        command = click.option(f"--tls-{name}", type=_path, help=words)(command)
    return command


def cluster_options(command: Callable[..., None]) -> Callable[..., None]:
    """`--dask` with its files; the command gets them as `place`, which is `None` without `--dask`."""

    @functools.wraps(command)
    def with_place(
        dask: str | None, tls_ca: Path | None, tls_cert: Path | None, tls_key: Path | None, **others: Any
    ) -> None:
        if dask is None and (tls_ca or tls_cert or tls_key):
            raise UsageError("--tls-ca, --tls-cert and --tls-key are for a cluster: name it with --dask.")
        if dask is not None and others.get("jobs"):
            raise UsageError("--jobs is for this machine; on a cluster give it to each `autograder worker`.")
        command(place=dask and _place(dask, tls_ca, tls_cert, tls_key), **others)

    option = click.option(
        "--dask", metavar="ADDRESS", help="Grade on the cluster of this Dask scheduler, tls://HOST:8786."
    )
    return option(tls_options(with_place))


@click.command()
@click.argument("address", required=False)
@click.option(
    "--jobs", type=click.IntRange(1), help="Submissions at the same time; by default what cores and memory allow."
)
@click.option(
    "--memory",
    type=click.FloatRange(0, min_open=True),
    metavar="GIB",
    help="What they may take together, each counted with its limit; by default what is free.",
)
@click.option("--host", help="The address under which the scheduler reaches this machine, if it has several.")
@click.option(
    "--port", type=click.IntRange(1024, 65534), help="Listen there and on the next one; by default on free ones."
)
@click.option("--no-sandbox", is_flag=True, help="Grade for runs with --no-sandbox, WITHOUT walls, and for no others.")
@click.option("--make-certificates", "folder", type=_path, metavar="DIR", help="Join nothing; make files for TLS.")
@tls_options
def worker(
    address: str | None,
    jobs: int | None,
    memory: float | None,
    host: str | None,
    port: int | None,
    no_sandbox: bool,
    folder: Path | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Grade for the Dask cluster at ADDRESS, until Ctrl-C; see docs/cluster.md.

    Checks the walls of this machine first, and joins nothing where one is missing.
    """
    from autograder.cluster import Offer, make_certificates, work

    if folder is not None:
        if address is not None:
            raise UsageError("--make-certificates joins no cluster: leave out the address.")
        ca, certificate, key = make_certificates(folder)
        click.echo(
            f"Give these three to every machine of the cluster, and to nobody else: --tls-ca {ca} --tls-cert {certificate} "
            f"--tls-key {key}"
        )
        return
    if address is None:
        raise UsageError("Name the scheduler: autograder worker tls://HOST:8786.")
    place = _place(address, tls_ca, tls_cert, tls_key)
    if no_sandbox:
        click.echo("NO SANDBOX: student code runs with all your rights.", err=True)
    size = int(memory * (1 << 30)) if memory else None
    work(place, Offer.of(jobs, size, sandbox=not no_sandbox, host=host, port=port or 0))


def _place(address: str, ca: Path | None, certificate: Path | None, key: Path | None) -> Place:
    from autograder.cluster import Place

    return Place.of(address, ca, certificate, key)
