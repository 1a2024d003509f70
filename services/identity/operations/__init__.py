"""What people can do about who they are: sign in and stay so, leave, be reached, be given a role."""

from services.identity.operations.codes import CODES_TOPIC, Challenge, ask_for_code, sign_in_with_code
from services.identity.operations.devices import forget_device, register_push
from services.identity.operations.ending import end_session, sign_out
from services.identity.operations.inviting import Invited, claim_telling, invite, untold, withdraw_invitation
from services.identity.operations.people import bar_person, enrol_person, grant_role, revoke_role
from services.identity.operations.refreshing import refresh
from services.identity.operations.sending_codes import forget_old_codes, send_due_codes
from services.identity.operations.sign_in import sign_in
from services.identity.operations.signed_in import SignedIn
from services.identity.operations.tidying import end_idle_sessions, forget_spent_refresh_tokens, forget_unseen_devices

__all__ = [
    "CODES_TOPIC",
    "Challenge",
    "Invited",
    "SignedIn",
    "ask_for_code",
    "bar_person",
    "claim_telling",
    "end_idle_sessions",
    "end_session",
    "enrol_person",
    "forget_device",
    "forget_old_codes",
    "forget_spent_refresh_tokens",
    "forget_unseen_devices",
    "grant_role",
    "invite",
    "refresh",
    "register_push",
    "revoke_role",
    "send_due_codes",
    "sign_in",
    "sign_in_with_code",
    "sign_out",
    "untold",
    "withdraw_invitation",
]
