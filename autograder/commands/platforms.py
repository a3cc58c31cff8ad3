"""`autograder platforms`: which LMSs may send people to `autograder serve`, and how they are let in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from autograder.commands.options import course_option
from autograder.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from autograder.serve.database import Database
    from autograder.serve.settings import Settings


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say which installation is meant."""
    port = click.option(
        "--port",
        type=click.IntRange(1, 65535),
        default=8000,
        show_default=True,
        help="Port of the service, where AUTOGRADER_URL is not set.",
    )
    return port(course_option(command))


@click.group()
def platforms() -> None:
    """Let LMSs in that use `autograder serve`, list them, take them out.

    Reads the environment variables that `serve` reads: give both the same. May be used while the service runs.
    """


@platforms.command()
@_where
def invite(port: int, course_dir: Path | None) -> None:
    """Print the address that an LMS's administrator pastes to register this tool; good for a week, and once."""
    from autograder.serve import registry
    from autograder.serve.web.service import now

    settings = _settings(port, course_dir)
    with _opened(settings) as session:
        token = registry.invite(session, now())
    click.echo(f"{settings.base_url}/lti/register?{urlencode({'invite': token})}")
    days = registry.INVITATION_AGE.days
    click.echo(f"Good for {days} days, and once. Whoever has it can register an LMS, so send it privately.", err=True)
    _warn_of_loopback(settings)


@platforms.command("list")
@_where
def list_(port: int, course_dir: Path | None) -> None:
    """Show the registered LMSs with their numbers."""
    from autograder.feedback import plain
    from autograder.serve import registry

    with _opened(_settings(port, course_dir)) as session:
        found = registry.listing(session)
    for each in found:
        row = each.platform
        name = plain(row.name or row.issuer)
        software = f" ({plain(row.product)})" if row.product else ""
        click.echo(f"{row.id}  {name}{software}: issuer {plain(row.issuer)}, client {plain(row.client_id)}")
        deployments = ", ".join(map(plain, each.deployments)) or "none seen yet"
        click.echo(
            f"   since {row.added_at:%Y-%m-%d}; deployments: {deployments}; {each.people} people, {each.attempts} attempts"
        )
    if not found:
        click.echo("No LMS is registered: `autograder platforms invite` prints an address for its administrator.")


@platforms.command()
@click.option("--issuer", required=True, help="What the LMS calls itself; in Moodle the platform ID, its address.")
@click.option("--client-id", required=True, help="What it calls this tool.")
@click.option("--login-url", required=True, help="Its authentication request URL.")
@click.option("--token-url", required=True, help="Its access token URL.")
@click.option("--jwks-url", required=True, help="Its public keyset URL.")
@click.option("--token-audience", default="", help="Whom our requests for tokens address; by default the token URL.")
@click.option("--name", default="", help="What people call it.")
@_where
def add(
    issuer: str,
    client_id: str,
    login_url: str,
    token_url: str,
    jwks_url: str,
    token_audience: str,
    name: str,
    port: int,
    course_dir: Path | None,
) -> None:
    """Register an LMS by hand, and print what it asks of us; for those without dynamic registration.

    One with the same issuer and client is brought up to date.
    """
    from autograder import lti
    from autograder.lti.addresses import fit
    from autograder.serve import registry
    from autograder.serve.web.policy import origin_of
    from autograder.serve.web.service import now

    settings = _settings(port, course_dir)
    for option, url in (("--login-url", login_url), ("--token-url", token_url), ("--jwks-url", jwks_url)):
        if not fit(url, allow_http=not settings.secure):
            raise UsageError(
                f"{option} is {url!r}, which is no https address: copy it from the LMS's page of the tool."
            )
    if not origin_of(issuer.strip()):
        raise UsageError(f"--issuer is {issuer!r}, which is no address: copy it from the LMS's page of the tool.")
    if not client_id.strip():
        raise UsageError("--client-id cannot be empty: copy it from the LMS's page of the tool.")
    platform = lti.Platform(
        issuer=issuer.strip(),
        client_id=client_id.strip(),
        auth_login_url=login_url,
        auth_token_url=token_url,
        jwks_url=jwks_url,
        token_audience=token_audience.strip(),
        name=name.strip(),
    )
    with _opened(settings) as session:
        row = registry.add(session, platform, now())
        number = row.id
    base = settings.base_url
    click.echo(
        f"Registered as number {number}. Give the LMS these, and turn on deep linking, grades (AGS) and names (NRPS):"
    )
    for what, url in (
        ("tool and redirect URL", f"{base}{lti.LAUNCH}"),
        ("login initiation URL", f"{base}{lti.LOGIN}"),
        ("public keyset URL", f"{base}{lti.JWKS}"),
        ("content selection URL", f"{base}{lti.LAUNCH}"),
    ):
        click.echo(f"  {what + ':':<24}{url}")
    _warn_of_loopback(settings)


@platforms.command()
@click.argument("number", type=int)
@click.option("--with-work", is_flag=True, help="Also delete its people and everything they handed in.")
@_where
def remove(number: int, with_work: bool, port: int, course_dir: Path | None) -> None:
    """Take out the LMS with this NUMBER (see `list`): nobody comes in from there any more."""
    from autograder.serve import registry

    with _opened(_settings(port, course_dir)) as session:
        found = {each.platform.id: each for each in registry.listing(session)}.get(number)
        if found is None:
            raise UsageError(f"No LMS has the number {number}: `autograder platforms list` shows them.")
        if found.people and not with_work:
            raise UsageError(
                f"{found.people} people came from there, and {found.attempts} attempts would be deleted with it: make a "
                "backup, then repeat with --with-work."
            )
        session.delete(found.platform)
    click.echo(f"Removed number {number}, with {found.people} people and {found.attempts} attempts.")


@platforms.command("rotate-key")
@_where
def rotate_key(port: int, course_dir: Path | None) -> None:
    """Make a new key that signs what we send to LMSs from now on; they fetch its public half by themselves."""
    from autograder import lti

    keys = lti.ToolKeys.rotate(_settings(port, course_dir).tool_keys)
    click.echo(f"Signing with {keys.keys[-1].kid} from now on; {len(keys.keys) - 1} older keys stay published.")


def _settings(port: int, course_dir: Path | None) -> Settings:
    from autograder.course import Course
    from autograder.serve.settings import Settings

    return Settings.read(Course.load(course_dir).root, host="127.0.0.1", port=port)


@contextmanager
def _opened(settings: Settings) -> Iterator[Session]:
    """One transaction on the installation's database, which is made if it is not there yet."""
    from autograder.serve.database import Database

    database: Database = Database(settings.database)
    try:
        database.migrate()
        with database.begin() as session:
            yield session
    finally:
        database.close()


def _warn_of_loopback(settings: Settings) -> None:
    if not settings.secure:
        click.echo(
            "These addresses work on this computer only: set AUTOGRADER_URL to the https address that browsers use.",
            err=True,
        )
