"""A push message in FCM's words: one form for collapsible notifications, one that the app shows by itself; per platform."""

from datetime import datetime

from firebase_admin import messaging

from services.identity.rules import Platform, PushKind
from services.kernel import clock
from services.notifications.ports import LiveActivity, PushMessage
from services.notifications.rules import Priority

CHANNELS = {Priority.HIGH: "urgent", Priority.NORMAL: "orders"}


def encode(message: PushMessage) -> str:
    """The JSON of FCM's `message`. Raises ValueError for what FCM would not take."""
    platform = message.address.platform
    parts = messaging.Message(
        data=_data(message),
        # FCM counts everything with a notification as collapsible, so what must not be collapsed has none on Android.
        notification=_notification(message) if message.collapsed else None,
        android=_android(message) if platform is Platform.ANDROID else None,
        apns=_apple(message) if platform is Platform.IOS else None,
        webpush=_web(message) if platform is Platform.WEB else None,
    )
    # Set afterwards: FCM still takes registration tokens, which the constructor calls deprecated.
    if message.address.kind is PushKind.FCM_FID:
        parts.fid = message.address.token
    else:
        parts.token = message.address.token
    return str(parts)


def _data(message: PushMessage) -> dict[str, str]:
    if message.collapsed or message.address.platform is not Platform.ANDROID:
        return dict(message.data)
    return {**message.data, "title": message.title, "body": message.body, "tag": message.collapse_key}


def _notification(message: PushMessage) -> messaging.Notification:
    return messaging.Notification(title=message.title, body=message.body)


def _seconds_left(message: PushMessage) -> int:
    """How long the provider may keep it, by the wall's clock."""
    return max(1, int(message.lasts_for.total_seconds() / (clock.speed() or 1.0)))


def _android(message: PushMessage) -> messaging.AndroidConfig:
    shown = messaging.AndroidNotification(tag=message.collapse_key, channel_id=CHANNELS[message.priority])
    return messaging.AndroidConfig(
        collapse_key=message.collapse_key if message.collapsed else None,
        priority="high" if message.priority is Priority.HIGH else "normal",
        ttl=_seconds_left(message),
        notification=shown if message.collapsed else None,
    )


def _apple(message: PushMessage) -> messaging.APNSConfig:
    if message.live_activity:
        return _live_activity(message.live_activity)
    urgent = message.priority is Priority.HIGH
    return messaging.APNSConfig(
        headers={
            "apns-push-type": "alert",
            "apns-priority": "10",
            "apns-expiration": _epoch(message.sent_at, _seconds_left(message)),
            "apns-collapse-id": message.collapse_key,
        },
        payload=messaging.APNSPayload(
            messaging.Aps(
                alert=messaging.ApsAlert(title=message.title, body=message.body),
                sound="default",
                thread_id=message.collapse_key,
                custom_data={"interruption-level": "time-sensitive" if urgent else "active"},
            )
        ),
    )


def _live_activity(activity: LiveActivity) -> messaging.APNSConfig:
    """A Live Activity says when what it shows is stale; a stage may wake the phone, a moved time may not."""
    told = {
        "timestamp": int(activity.at.timestamp()),
        "event": "end" if activity.ends else "update",
        "content-state": dict(activity.content),
        "stale-date": int(activity.stale_at.timestamp()),
    }
    return messaging.APNSConfig(
        live_activity_token=activity.token,
        headers={"apns-push-type": "liveactivity", "apns-priority": "10" if activity.urgent else "5"},
        payload=messaging.APNSPayload(messaging.Aps(custom_data=told)),
    )


def _web(message: PushMessage) -> messaging.WebpushConfig:
    return messaging.WebpushConfig(
        headers={"TTL": str(_seconds_left(message)), "Urgency": "high" if message.priority is Priority.HIGH else "normal"},
        notification=messaging.WebpushNotification(title=message.title, body=message.body, tag=message.collapse_key),
    )


def _epoch(at: datetime, seconds: int) -> str:
    return str(int(at.timestamp()) + seconds)
