"""EC2: security groups and their rules. All other actions use the resource `*`."""

from typing import Any

from moto.ec2.models import ec2_backends

from ..call import Call
from ..policy import Access, Context

# The kind of resource for each prefix of an id.
KINDS = {
    "igw": "internet-gateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}


def accesses(call: Call) -> list[Access]:
    given = call.parameters
    if call.name == "CreateSecurityGroup":
        return _create_group(call)
    if call.name in ("CreateTags", "DeleteTags"):
        return [call.access(_arn(call, id)) for id in given["Resources"]]
    if call.name.startswith("Describe") or "SecurityGroup" not in call.name:
        return [call.access("*")]
    id = given.get("GroupId")
    group = call.arn(f"security-group/{id or '*'}")
    return [call.access(group, _in_vpc(call, id), tagged=False), *_rules(call)]


def _create_group(call: Call) -> list[Access]:
    vpc = call.parameters.get("VpcId")
    group = call.arn("security-group/*")
    needs = [call.access(group, {"ec2:vpc": call.arn(f"vpc/{vpc}")} if vpc else None)]
    if vpc:
        needs.append(call.access(call.arn(f"vpc/{vpc}"), {"ec2:vpcid": vpc}, tagged=False))
    return [*needs, *_create_tags(call, group)]


def _rules(call: Call) -> list[Access]:
    """Security group rules are resources when they are modified, and when they are created with
    tags.
    """
    if call.name == "ModifySecurityGroupRules":
        rules = call.parameters.get("SecurityGroupRules") or []
        return [call.access(_arn(call, rule["SecurityGroupRuleId"])) for rule in rules]
    if call.name.startswith("Authorize") and call.tags:
        rule = call.arn("security-group-rule/*")
        return [call.access(rule), *_create_tags(call, rule)]
    return []


def _create_tags(call: Call, resource: str) -> list[Access]:
    return call.tagging("ec2:CreateTags", resource, {"ec2:createaction": call.name})


def _in_vpc(call: Call, group_id: str | None) -> Context:
    backend: Any = ec2_backends[call.caller.account_id][call.caller.region]
    group = backend.get_security_group_from_id(group_id) if group_id else None
    if group is None:
        return {}
    return {"ec2:vpc": call.arn(f"vpc/{group.vpc_id}"), "ec2:securitygroupid": group_id}


def _arn(call: Call, id: str) -> str:
    kind = KINDS.get(id.partition("-")[0])
    return call.arn(f"{kind}/{id}") if kind else "*"
