"""Why a message was refused or a call failed: a short name for the log, and what the page says to whoever was stopped.

The page names no detail: who forged a message learns nothing from it, and who did not can only do one of a few things.
"""

from __future__ import annotations

from enum import StrEnum

from autograder.text import Text


class Cause(StrEnum):
    """The machine-readable reason; its value stands in the log and, small, on the page."""

    # The start of a login.
    LOGIN_PARAMETERS = "login-parameters"
    PLATFORM_UNKNOWN = "platform-unknown"
    PLATFORM_AMBIGUOUS = "platform-ambiguous"
    TARGET_ELSEWHERE = "target-elsewhere"
    COOKIES_BLOCKED = "cookies-blocked"
    # The form that brings a launch.
    PLATFORM_SAYS_NO = "platform-says-no"
    FORM_INCOMPLETE = "form-incomplete"
    STATE_UNKNOWN = "state-unknown"
    STATE_EXPIRED = "state-expired"
    COOKIE_MISSING = "cookie-missing"
    BROWSER_OTHER = "browser-other"
    # The token as such.
    TOKEN_TOO_LARGE = "token-too-large"
    TOKEN_MALFORMED = "token-malformed"
    ALGORITHM = "algorithm"
    KID_MISSING = "kid-missing"
    KEY_UNKNOWN = "key-unknown"
    KEY_UNFIT = "key-unfit"
    SIGNATURE = "signature"
    PAYLOAD = "payload"
    # Who says it to whom, and when.
    CLAIM_TYPE = "claim-type"
    ISSUER_MISSING = "issuer-missing"
    ISSUER_OTHER = "issuer-other"
    AUDIENCE_MISSING = "audience-missing"
    AUDIENCE_OTHER = "audience-other"
    AZP_MISSING = "azp-missing"
    AZP_OTHER = "azp-other"
    EXP_MISSING = "exp-missing"
    EXP_PAST = "exp-past"
    IAT_MISSING = "iat-missing"
    IAT_FUTURE = "iat-future"
    IAT_OLD = "iat-old"
    NBF_FUTURE = "nbf-future"
    NONCE_MISSING = "nonce-missing"
    NONCE_OTHER = "nonce-other"
    NONCE_USED = "nonce-used"
    # What it says.
    SUBJECT_MISSING = "subject-missing"
    SUBJECT_UNFIT = "subject-unfit"
    DEPLOYMENT_MISSING = "deployment-missing"
    DEPLOYMENT_UNKNOWN = "deployment-unknown"
    MESSAGE_MISSING = "message-missing"
    MESSAGE_UNKNOWN = "message-unknown"
    VERSION_MISSING = "version-missing"
    VERSION_OTHER = "version-other"
    ROLES_MISSING = "roles-missing"
    LINK_MISSING = "link-missing"
    TARGET_MISSING = "target-missing"
    ADDRESS_UNFIT = "address-unfit"
    # Choosing what to link to.
    CHOICE_MISSING = "choice-missing"
    CHOICE_UNSUPPORTED = "choice-unsupported"
    CHOICE_TOO_MANY = "choice-too-many"
    # Dynamic registration.
    REGISTRATION_PARAMETERS = "registration-parameters"
    REGISTRATION_ISSUER = "registration-issuer"
    REGISTRATION_UNFIT = "registration-unfit"
    # Calls to the platform.
    SERVICE_LATER = "service-later"
    SERVICE_NEWER = "service-newer"
    SERVICE_REFUSED = "service-refused"
    SERVICE_ANSWER = "service-answer"
    SERVICE_ADDRESS = "service-address"


WITHOUT_COOKIE = frozenset({Cause.COOKIES_BLOCKED, Cause.COOKIE_MISSING})
"""The browser kept no cookie, which it may do in a window of our own: the page should offer that."""

_AGAIN = Text(
    es="El enlace con el que ha llegado ya no vale: se usó antes o pasó mucho tiempo. Vuelva a abrir la actividad desde su curso.",
    en="The link you came by is no longer valid: it was used, or too much time went by. Open the activity again from your course.",
)
_COOKIES = Text(
    es="Su navegador no guarda cookies para esta página dentro del curso. Ábrala en una ventana nueva con el botón de abajo.",
    en="Your browser keeps no cookies for this page inside the course. Open it in a new window with the button below.",
)
_BROWSER = Text(
    es="La entrada empezó en otro navegador o ventana privada. Vuelva a abrir la actividad desde su curso, en este navegador.",
    en="The login was begun in another browser or private window. Open the activity again from your course, in this browser.",
)
_STRANGER = Text(
    es=(
        "Este servicio no conoce la plataforma o la instalación desde la que ha llegado. Pida a quien administra el campus virtual"
        " que registre la herramienta, y enséñele el código de esta página."
    ),
    en=(
        "This service does not know the platform or installation that you come from. Ask whoever administers your learning"
        " platform to register the tool, and show them the code on this page."
    ),
)
_FORGED = Text(
    es=(
        "No se pudo comprobar que el mensaje de su plataforma sea auténtico, así que no se aceptó. Vuelva a abrir la actividad"
        " desde su curso; si se repite, enseñe a su docente el código de esta página."
    ),
    en=(
        "The message from your learning platform could not be confirmed as genuine, so it was not accepted. Open the activity"
        " again from your course; if this happens again, show your teacher the code on this page."
    ),
)
_CLOCKS = Text(
    es=(
        "El reloj de su plataforma va adelantado respecto al de este servicio, así que el mensaje no se aceptó. Espere un minuto y"
        " vuelva a abrir la actividad; si se repite, avise a quien administra la plataforma."
    ),
    en=(
        "Your learning platform's clock is ahead of this service's, so the message was not accepted. Wait a minute and open the"
        " activity again; if this happens again, tell whoever administers the platform."
    ),
)
_UNUSABLE = Text(
    es=(
        "Su plataforma envió un mensaje que este servicio no puede usar. Enseñe el código de esta página a su docente o a quien"
        " administra la plataforma: hay que revisar cómo está configurada la herramienta."
    ),
    en=(
        "Your learning platform sent a message that this service cannot use. Show the code on this page to your teacher or to"
        " whoever administers the platform: the settings of the tool there need a look."
    ),
)
_NO = Text(
    es="Su plataforma no permitió la entrada. Inicie sesión en ella y vuelva a abrir la actividad desde su curso.",
    en="Your learning platform did not allow the login. Log in there, and open the activity again from your course.",
)
_CHOICE = Text(
    es="Su plataforma no espera esta elección. Vuelva a abrir la selección de contenido desde su curso y elija de nuevo.",
    en="Your learning platform does not expect this choice. Open the selection of content again from your course, and choose anew.",
)
_REGISTRATION = Text(
    es=(
        "La plataforma no se registró: lo que respondió no es la configuración de una plataforma LTI 1.3 en esa dirección. Empiece"
        " de nuevo el registro desde la plataforma, o registre la herramienta a mano."
    ),
    en=(
        "The platform was not registered: what it answered is not the configuration of an LTI 1.3 platform at that address. Begin"
        " the registration again in the platform, or register the tool by hand."
    ),
)
_LATER = Text(
    es="Su plataforma no responde en este momento. No se ha perdido nada; inténtelo de nuevo dentro de un minuto.",
    en="Your learning platform does not answer just now. Nothing is lost; try again in a minute.",
)
_NEWER = Text(
    es="La plataforma ya tiene una calificación más reciente, y no se ha cambiado.",
    en="The platform already has a newer mark, which was not changed.",
)
_REFUSED = Text(
    es=(
        "La plataforma rechazó la petición de este servicio. Enseñe el código de esta página a quien administra la plataforma:"
        " puede faltarle un permiso a la herramienta."
    ),
    en=(
        "The learning platform refused this service's request. Show the code on this page to whoever administers the platform: the"
        " tool may lack a permission there."
    ),
)

_TOLD: tuple[tuple[Text, frozenset[Cause]], ...] = (
    (
        _AGAIN,
        frozenset({Cause.STATE_UNKNOWN, Cause.STATE_EXPIRED, Cause.FORM_INCOMPLETE, Cause.LOGIN_PARAMETERS})
        | {Cause.EXP_PAST, Cause.IAT_OLD, Cause.NONCE_USED},
    ),
    (_COOKIES, WITHOUT_COOKIE),
    (_BROWSER, frozenset({Cause.BROWSER_OTHER})),
    (_STRANGER, frozenset({Cause.PLATFORM_UNKNOWN, Cause.PLATFORM_AMBIGUOUS, Cause.DEPLOYMENT_UNKNOWN})),
    (_CLOCKS, frozenset({Cause.IAT_FUTURE, Cause.NBF_FUTURE})),
    (
        _UNUSABLE,
        frozenset(
            {Cause.TARGET_ELSEWHERE, Cause.TARGET_MISSING, Cause.ADDRESS_UNFIT, Cause.CLAIM_TYPE, Cause.LINK_MISSING}
        )
        | {Cause.SUBJECT_MISSING, Cause.SUBJECT_UNFIT, Cause.DEPLOYMENT_MISSING, Cause.MESSAGE_MISSING}
        | {Cause.MESSAGE_UNKNOWN, Cause.VERSION_MISSING, Cause.VERSION_OTHER, Cause.ROLES_MISSING},
    ),
    (_NO, frozenset({Cause.PLATFORM_SAYS_NO})),
    (_CHOICE, frozenset({Cause.CHOICE_MISSING, Cause.CHOICE_UNSUPPORTED, Cause.CHOICE_TOO_MANY})),
    (
        _REGISTRATION,
        frozenset({Cause.REGISTRATION_PARAMETERS, Cause.REGISTRATION_ISSUER, Cause.REGISTRATION_UNFIT}),
    ),
    (_LATER, frozenset({Cause.SERVICE_LATER})),
    (_NEWER, frozenset({Cause.SERVICE_NEWER})),
    (_REFUSED, frozenset({Cause.SERVICE_REFUSED, Cause.SERVICE_ANSWER, Cause.SERVICE_ADDRESS})),
)
_BY_CAUSE = {cause: text for text, causes in _TOLD for cause in causes}


def told(cause: Cause) -> Text:
    """What the page says. Whatever concerns the token's proof, and is in no list above, gets one and the same answer."""
    return _BY_CAUSE.get(cause, _FORGED)
