"""The second half of a launch: the platform says, signed, who came, from which course, to which activity.

Every check is one of the 1EdTech Security Framework 1.0 (section 5.1.3) or of OpenID Connect Core (3.1.3.7), in an order
where nothing is believed before it is proven: first the browser, then the signature, then who said it to whom and when,
and only then what it says.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from autograder.lti.causes import Cause
from autograder.lti.claims import LTI, Claims
from autograder.lti.errors import LaunchRefused, quoted
from autograder.lti.jwks import KeySets
from autograder.lti.login import LoginStore, PendingLogin, browser_hash
from autograder.lti.message import Launch, read_launch
from autograder.lti.platforms import Platform, PlatformBook, Tool

ALGORITHMS = ("RS256",)
"""What a token may be signed with; never taken from the token itself."""
MAX_TOKEN = 64 << 10
"""Characters of an id_token; those of real platforms have a few thousand."""
LEEWAY = 60.0
"""Seconds by which the platform's clock may be ahead of ours. An end is an end: none is added to `exp`."""
MAX_AGE = 3600.0
"""Seconds since a token was made, whatever it says itself about its end."""
_MAX_KID = 512


class NonceStore(Protocol):
    """The nonces that launches used up, kept by the caller where all its processes see them."""

    def use(self, issuer: str, nonce: str, until: datetime) -> bool:
        """Note the nonce of an issuer, and say whether this was the first time.

        Atomic: of any number of callers at once, in whatever process, one hears `True`. To be kept until the time `until`.
        """
        ...


def accept(
    form: Mapping[str, str],
    *,
    cookie: str | None,
    tool: Tool,
    platforms: PlatformBook,
    logins: LoginStore,
    nonces: NonceStore,
    key_sets: KeySets,
    now: datetime,
    allow_http: bool = False,
) -> Launch:
    """Accept the launch that a platform sent through the browser as a form, by POST.

    The login it belongs to is used up, whatever becomes of it.

    Args:
        form: the fields of the form.
        cookie: what the browser sent as `BROWSER_COOKIE`.
        now: with its time zone.
        allow_http: whether addresses in the launch may be plain http to this very machine, as `Web` has it.

    Raises:
        LaunchRefused: something about it is not as it must be.
        TryLater: the platform's keys could not be fetched just now.
    """
    login = _login(form, logins, cookie, now)
    platform = _platform(login, platforms)
    claims = Claims.parse(_verified(form["id_token"], platform, key_sets))
    _check_parties(claims, platform)
    _check_times(claims, now.timestamp())
    _check_nonce(claims, login, nonces, now)
    _check_deployment(claims, platform)
    return read_launch(claims, platform, base_url=tool.base_url, allow_http=allow_http)


def _login(form: Mapping[str, str], logins: LoginStore, cookie: str | None, now: datetime) -> PendingLogin:
    if form.get("error"):
        if form.get("state"):
            logins.take(form["state"])
        raise LaunchRefused(
            Cause.PLATFORM_SAYS_NO,
            f"The platform ended the login: {quoted(form['error'])} ({quoted(form.get('error_description', ''))}).",
        )
    missing = [name for name in ("state", "id_token") if not form.get(name)]
    if missing:
        raise LaunchRefused(Cause.FORM_INCOMPLETE, f"A launch came without {' and '.join(missing)}.")
    login = logins.take(form["state"])
    if login is None:
        raise LaunchRefused(Cause.STATE_UNKNOWN, "A launch came with a state that is unknown or used up.")
    if now >= login.expires:
        raise LaunchRefused(
            Cause.STATE_EXPIRED, f"A launch came after its login had expired, at {login.expires.isoformat()}."
        )
    if not cookie:
        raise LaunchRefused(
            Cause.COOKIE_MISSING,
            f"A launch from {quoted(login.issuer)} came without the browser's cookie.",
            login.again,
        )
    if not hmac.compare_digest(browser_hash(cookie), login.browser_sha256):
        raise LaunchRefused(
            Cause.BROWSER_OTHER, f"A launch from {quoted(login.issuer)} came in another browser than its login."
        )
    return login


def _platform(login: PendingLogin, platforms: PlatformBook) -> Platform:
    """The platform that the login went to; what the token says about itself does not choose it."""
    found = platforms.find(login.issuer, login.client_id)
    if len(found) != 1:
        raise LaunchRefused(
            Cause.PLATFORM_UNKNOWN, f"{quoted(login.issuer)} is not registered any more for {quoted(login.client_id)}."
        )
    return found[0]


def _verified(token: str, platform: Platform, key_sets: KeySets) -> bytes:
    """The payload of `token`, once its signature is the platform's."""
    import jwt

    if len(token) > MAX_TOKEN:
        raise LaunchRefused(Cause.TOKEN_TOO_LARGE, f"The token has {len(token)} characters, over {MAX_TOKEN}.")
    jws = jwt.PyJWS(algorithms=list(ALGORITHMS))
    try:
        header = jws.get_unverified_header(token)
    except (jwt.InvalidTokenError, UnicodeError) as error:
        raise LaunchRefused(Cause.TOKEN_MALFORMED, f"The token cannot be read: {quoted(str(error))}.") from error
    if header.get("alg") not in ALGORITHMS:
        raise LaunchRefused(Cause.ALGORITHM, f"The token is signed with {quoted(header.get('alg'))}, not with RS256.")
    if "crit" in header or "b64" in header:
        raise LaunchRefused(Cause.TOKEN_MALFORMED, "The token asks for an extension that is not known here.")
    kid = header.get("kid")
    if not isinstance(kid, str) or not 0 < len(kid) <= _MAX_KID:
        raise LaunchRefused(Cause.KID_MISSING, f"The token names no key: its kid is {quoted(kid)}.")
    # Keys come from the platform's own address only; `jku`, `jwk` and `x5u` of the token are not even looked at.
    key = key_sets.key(platform.jwks_url, kid)
    try:
        payload = jws.decode_complete(token, key, algorithms=list(ALGORITHMS))["payload"]
    except jwt.InvalidTokenError as error:
        raise LaunchRefused(
            Cause.SIGNATURE, f"The token is not signed with the key {quoted(kid)} of {quoted(platform.issuer)}."
        ) from error
    return bytes(payload)


def _check_parties(claims: Claims, platform: Platform) -> None:
    """Who says it, and to whom."""
    issuer = claims.string("iss", Cause.ISSUER_MISSING)
    if issuer != platform.issuer:
        raise LaunchRefused(
            Cause.ISSUER_OTHER, f"The token is from {quoted(issuer)}, but the login went to {quoted(platform.issuer)}."
        )
    audience = (
        (claims.string("aud", Cause.AUDIENCE_MISSING),)
        if isinstance(claims.raw("aud"), str)
        else claims.strings("aud", Cause.AUDIENCE_MISSING)
    )
    if not audience:
        raise LaunchRefused(Cause.AUDIENCE_MISSING, "The token is addressed to nobody.")
    if platform.client_id not in audience:
        raise LaunchRefused(Cause.AUDIENCE_OTHER, f"The token is addressed to {quoted(list(audience))}, not to us.")
    azp = claims.string("azp")
    if azp and azp != platform.client_id:
        raise LaunchRefused(Cause.AZP_OTHER, f"The token was made for {quoted(azp)}, not for us.")
    if len(set(audience)) > 1 and not azp:
        # Others may be addressed beside us, as long as it is said that it was made for us (OpenID Connect Core, 3.1.3.7).
        raise LaunchRefused(Cause.AZP_MISSING, "The token is addressed to several, and says not for whom it was made.")


def _check_times(claims: Claims, now: float) -> None:
    expires = claims.time("exp", Cause.EXP_MISSING) or 0.0
    if now >= expires:
        raise LaunchRefused(Cause.EXP_PAST, f"The token expired {now - expires:.0f} seconds ago.")
    issued = claims.time("iat", Cause.IAT_MISSING) or 0.0
    if issued > now + LEEWAY:
        raise LaunchRefused(Cause.IAT_FUTURE, f"The token was made {issued - now:.0f} seconds from now.")
    if issued < now - MAX_AGE:
        raise LaunchRefused(Cause.IAT_OLD, f"The token was made {now - issued:.0f} seconds ago, over {MAX_AGE:.0f}.")
    begins = claims.time("nbf")
    if begins is not None and begins > now + LEEWAY:
        raise LaunchRefused(Cause.NBF_FUTURE, f"The token is valid only {begins - now:.0f} seconds from now.")


def _check_nonce(claims: Claims, login: PendingLogin, nonces: NonceStore, now: datetime) -> None:
    nonce = claims.string("nonce", Cause.NONCE_MISSING)
    if not hmac.compare_digest(nonce.encode("utf-8", "surrogatepass"), login.nonce.encode()):
        raise LaunchRefused(
            Cause.NONCE_OTHER, "The token answers another login: its nonce is not the one that was sent."
        )
    if not nonces.use(login.issuer, nonce, now.astimezone(UTC) + timedelta(seconds=MAX_AGE + LEEWAY)):
        raise LaunchRefused(Cause.NONCE_USED, "The token was used before: its nonce is known.")


def _check_deployment(claims: Claims, platform: Platform) -> None:
    deployment = claims.string(LTI + "deployment_id", Cause.DEPLOYMENT_MISSING)
    if platform.deployment_ids is not None and deployment not in platform.deployment_ids:
        raise LaunchRefused(
            Cause.DEPLOYMENT_UNKNOWN,
            f"The deployment {quoted(deployment)} of {quoted(platform.issuer)} is not registered.",
        )
