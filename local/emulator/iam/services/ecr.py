"""ECR: repositories."""

from ..call import Call
from ..policy import Access


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if given.get("resourceArn"):
        return [call.access(given["resourceArn"])]
    name = given.get("repositoryName")
    names = given.get("repositoryNames") or ([name] if name else [])
    if not names and call.name == "DescribeRepositories":
        names = ["*"]
    # Permission to pull images includes listing the images that refer to them.
    action = "ecr:BatchGetImage" if call.name == "ListImageReferrers" else None
    needs = [call.access(call.arn(f"repository/{each}"), action=action) for each in names]
    if call.name == "CreateRepository":
        needs += call.tagging("ecr:TagResource", call.arn(f"repository/{name}"))
    return needs or [call.access("*")]
