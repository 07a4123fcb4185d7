"""The block of notices by mail: Prefect brings Slack and Teams, and a mail only through one firm's service."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import quote, urlencode

from prefect.blocks.notifications import AbstractAppriseNotificationBlock
from pydantic import Field, SecretStr


class MailNotice(AbstractAppriseNotificationBlock):
    """Notices by the firm's own mail server."""

    _block_type_name: ClassVar[str | None] = "Mail Notice"
    _block_type_slug: ClassVar[str | None] = "mail-notice"
    _description: ClassVar[str | None] = "Svar: a short mail when cases are overdue or a run failed. Counts and the vacancy, no names."

    server: str = Field(description="The mail server: mail.example")
    port: int = Field(default=587, ge=1, le=65535, description="587 with starttls, 465 with tls.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="none is for a server on this machine.")
    sender: str = Field(description="The address the notices come from.")
    recipients: list[str] = Field(min_length=1, description="The addresses that are told.")
    user: str = Field(default="", description="Login to the server; empty: none.")
    password: SecretStr = Field(default=SecretStr(""), description="Password of the login.")

    def block_initialization(self) -> None:
        """The mail server as Apprise, which carries all of Prefect's notices, wants it written."""
        secure = self.security != "none"
        login = f"{quote(self.user, safe='')}:{quote(self.password.get_secret_value(), safe='')}@" if self.user else ""
        told = {
            "from": self.sender,
            "to": ",".join(self.recipients),
            "mode": {"tls": "ssl", "starttls": "starttls"}.get(self.security, "insecure"),
            "format": "text",
        }
        self._start_apprise_client(SecretStr(f"mailto{'s' * secure}://{login}{self.server}:{self.port}?{urlencode(told)}"))
