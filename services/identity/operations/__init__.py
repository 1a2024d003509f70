"""What people can do about who they are: sign in and stay so, leave, be reached, be given a role."""

from services.identity.operations.devices import forget_device, register_push
from services.identity.operations.ending import end_session, sign_out
from services.identity.operations.people import enrol_person, grant_role, revoke_role
from services.identity.operations.refreshing import refresh
from services.identity.operations.sign_in import sign_in
from services.identity.operations.signed_in import SignedIn
from services.identity.operations.tidying import end_idle_sessions, forget_spent_refresh_tokens, forget_unseen_devices

__all__ = [
    "SignedIn",
    "end_idle_sessions",
    "end_session",
    "enrol_person",
    "forget_device",
    "forget_spent_refresh_tokens",
    "forget_unseen_devices",
    "grant_role",
    "refresh",
    "register_push",
    "revoke_role",
    "sign_in",
    "sign_out",
]
