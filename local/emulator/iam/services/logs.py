"""CloudWatch Logs: groups and streams.

In policies, a group's ARN ends with `:*`, except for the actions that tag it.
"""

from ..call import Call
from ..policy import Access


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if "resourceArn" in given:
        return [call.access(given["resourceArn"])]
    name = given.get("logGroupName") or given.get("logGroupIdentifier")
    if not name:
        return [call.access("*")]
    group = name if name.startswith("arn:") else call.arn(f"log-group:{name}")
    needs = [call.access(f"{group}:log-stream:{given.get('logStreamName', '')}")]
    if call.name == "CreateLogGroup":
        needs += call.tagging("logs:TagResource", group)
    return needs
