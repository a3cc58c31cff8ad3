"""LTI 1.3 Advantage: a learning platform sends people here and gets their marks back.

A protocol library: it knows no web framework and no database. The caller hands in parameters, cookies and forms as plain
strings, and small objects for what must persist (`PlatformBook`, `LoginStore`, `NonceStore`). Everything is synchronous
and may wait for the platform; times carry their zone.
"""

from autograder.lti.causes import Cause
from autograder.lti.deep_linking import Choice, Column, Item, respond
from autograder.lti.errors import (
    KeyFileError,
    LaunchRefused,
    LoginRefused,
    LtiError,
    NewerThere,
    Refused,
    RegistrationRefused,
    Rejected,
    ServiceError,
    TryLater,
)
from autograder.lti.grades import (
    Activity,
    Grading,
    LineItem,
    Result,
    Score,
    find_or_create_line_item,
    next_timestamp,
    post_score,
    read_results,
)
from autograder.lti.http import Web
from autograder.lti.jwks import KeySets
from autograder.lti.keys import ToolKeys
from autograder.lti.launch import NonceStore, accept
from autograder.lti.login import (
    BROWSER_COOKIE,
    BROWSER_COOKIE_AGE,
    Begun,
    LoginStore,
    PendingLogin,
    SetCookie,
    begin,
)
from autograder.lti.message import (
    Context,
    DeepLinkingSettings,
    GradesEndpoint,
    Launch,
    Message,
    ResourceLink,
    RosterEndpoint,
)
from autograder.lti.platforms import JWKS, LAUNCH, LOGIN, Platform, PlatformBook, Tool
from autograder.lti.registration import Registered, register
from autograder.lti.roles import Role, read_role
from autograder.lti.roster import Member, Roster, read_roster
from autograder.lti.tokens import Service

__all__ = [
    "BROWSER_COOKIE",
    "BROWSER_COOKIE_AGE",
    "JWKS",
    "LAUNCH",
    "LOGIN",
    "Activity",
    "Begun",
    "Cause",
    "Choice",
    "Column",
    "Context",
    "DeepLinkingSettings",
    "GradesEndpoint",
    "Grading",
    "Item",
    "KeyFileError",
    "KeySets",
    "Launch",
    "LaunchRefused",
    "LineItem",
    "LoginRefused",
    "LoginStore",
    "LtiError",
    "Member",
    "Message",
    "NewerThere",
    "NonceStore",
    "PendingLogin",
    "Platform",
    "PlatformBook",
    "Refused",
    "Registered",
    "RegistrationRefused",
    "Rejected",
    "ResourceLink",
    "Result",
    "Role",
    "Roster",
    "RosterEndpoint",
    "Score",
    "Service",
    "ServiceError",
    "SetCookie",
    "Tool",
    "ToolKeys",
    "TryLater",
    "Web",
    "accept",
    "begin",
    "find_or_create_line_item",
    "next_timestamp",
    "post_score",
    "read_results",
    "read_role",
    "read_roster",
    "register",
    "respond",
]
