"""The words of support cases that consumers and agents share."""

import strawberry

from services.cases.rules import CaseReason, CaseState

__all__ = ["CaseReason", "CaseState"]

strawberry.enum(CaseReason, description="What a case is about; an app shows what it does not know as something else.")
strawberry.enum(CaseState, description="Whether support still works on it.")
