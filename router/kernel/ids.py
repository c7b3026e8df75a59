"""The names of things: one type per kind of id, so that no id is used for another.

Ids are opaque strings. Those the kernel makes are derived from the command's nonce (`Moment.id`);
those of configured things are the administrator's own.
"""

from typing import NewType

TenantId = NewType("TenantId", str)
EntryPointId = NewType("EntryPointId", str)
QueueId = NewType("QueueId", str)
AgentId = NewType("AgentId", str)
CodeId = NewType("CodeId", str)
TemplateId = NewType("TemplateId", str)

CustomerId = NewType("CustomerId", str)
ConversationId = NewType("ConversationId", str)
ContactId = NewType("ContactId", str)
OfferId = NewType("OfferId", str)
RevealId = NewType("RevealId", str)
MessageId = NewType("MessageId", str)

HubId = NewType("HubId", str)
"""One life of one hub process: a restart makes another."""

ConnectionId = NewType("ConnectionId", str)
"""One socket of one hub; unique across hubs."""

TokenHash = NewType("TokenHash", str)
"""What is kept of a customer's resume token; the token itself is never stored."""
