"""Networks, subnets and what is attached to them (azure-mgmt-network)."""

import ipaddress

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.network.models import (
    AddressSpace,
    ApplicationSecurityGroup,
    Delegation,
    NatGateway,
    NatGatewaySku,
    NetworkInterface,
    NetworkInterfaceIPConfiguration,
    NetworkSecurityGroup,
    PublicIPAddress,
    PublicIPAddressSku,
    Route,
    RouteTable,
    SecurityRule,
    ServiceEndpointPropertiesFormat,
    Subnet,
    SubResource,
    TagsObject,
    VirtualNetwork,
    VirtualNetworkPeering,
)

from support import LOCATION, group_id, names, refused


def network_of(*ranges, **fields):
    return VirtualNetwork(location=LOCATION, address_space=AddressSpace(address_prefixes=list(ranges)), **fields)


@pytest.fixture(scope="module")
def network(networks, group):
    return networks.virtual_networks.begin_create_or_update(group, "vnet", network_of("10.0.0.0/16")).result()


@pytest.fixture(scope="module")
def subnet(networks, group, network):
    body = Subnet(address_prefix="10.0.0.0/24")
    return networks.subnets.begin_create_or_update(group, network.name, "snet", body).result()


def test_a_network_lives_from_its_creation_to_its_deletion(networks, group, simulated):
    client = networks.virtual_networks
    poller = client.begin_create_or_update(
        group, "vnet-life", network_of("10.1.0.0/16", subnets=[Subnet(name="a", address_prefix="10.1.0.0/24")])
    )
    made = poller.result()
    assert poller.status() == "Succeeded"
    assert made.id == f"{group_id(simulated, group)}/providers/Microsoft.Network/virtualNetworks/vnet-life"
    assert made.type == "Microsoft.Network/virtualNetworks"
    assert made.provisioning_state == "Succeeded"
    assert made.address_space.address_prefixes == ["10.1.0.0/16"]
    assert made.enable_ddos_protection is False
    assert made.resource_guid
    [child] = made.subnets
    assert (child.name, child.provisioning_state) == ("a", "Succeeded")
    assert child.id == f"{made.id}/subnets/a"

    got = client.get(group, "vnet-life")
    assert (got.etag, got.resource_guid) == (made.etag, made.resource_guid)
    assert "vnet-life" in names(client.list(group))
    assert made.id in [item.id for item in client.list_all()]

    tagged = client.update_tags(group, "vnet-life", TagsObject(tags={"a": "b"}))
    assert tagged.tags == {"a": "b"}
    got.address_space.address_prefixes.append("10.2.0.0/16")
    wider = client.begin_create_or_update(group, "vnet-life", got).result()
    assert wider.address_space.address_prefixes == ["10.1.0.0/16", "10.2.0.0/16"]
    assert names(wider.subnets) == ["a"]

    assert client.begin_delete(group, "vnet-life").result() is None
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "vnet-life")
    # What is gone can be deleted again.
    assert client.begin_delete(group, "vnet-life").result() is None


def test_a_poller_goes_on_in_another_process(networks, group):
    client = networks.virtual_networks
    poller = client.begin_create_or_update(group, "vnet-token", network_of("10.3.0.0/16"))
    token = poller.continuation_token()
    again = client.begin_create_or_update(group, "vnet-token", {}, continuation_token=token)
    assert again.result().name == "vnet-token"
    poller.result()


def test_networks_are_listed_page_by_page(networks, group, simulated, resources):
    made = [f"vnet-page-{number:03}" for number in range(105)]
    for name in made:
        networks.virtual_networks.begin_create_or_update(group, name, network_of("10.4.0.0/16"), polling=False)
    pages = [list(page) for page in networks.virtual_networks.list(group).by_page()]
    assert len(pages) >= 2
    assert set(made) <= {item.name for page in pages for item in page}
    for name in made:
        networks.virtual_networks.begin_delete(group, name, polling=False)
    assert not set(made) & set(names(networks.virtual_networks.list(group)))


def test_ranges_of_a_network_must_be_ranges(networks, group):
    client = networks.virtual_networks
    with refused("InvalidAddressPrefixFormat", 400):
        client.begin_create_or_update(group, "vnet-bad", network_of("10.0.0.0"))
    with refused("NetcfgSubnetRangeOutsideVnet", 400):
        inside = [Subnet(name="a", address_prefix="10.9.0.0/24")]
        client.begin_create_or_update(group, "vnet-bad", network_of("10.8.0.0/16", subnets=inside))
    with refused("NetcfgSubnetRangesOverlap", 400):
        crossing = [Subnet(name="a", address_prefix="10.8.0.0/24"), Subnet(name="b", address_prefix="10.8.0.0/25")]
        client.begin_create_or_update(group, "vnet-bad", network_of("10.8.0.0/16", subnets=crossing))
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "vnet-bad")


def test_a_network_needs_a_group_and_a_subnet_needs_a_network(networks, group):
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        networks.virtual_networks.begin_create_or_update("rg-none", "vnet", network_of("10.0.0.0/16"))
    with refused("ParentResourceNotFound", 404, ResourceNotFoundError):
        body = Subnet(address_prefix="10.0.0.0/24")
        networks.subnets.begin_create_or_update(group, "vnet-none", "snet", body)
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        networks.subnets.get(group, "vnet-none", "snet")


def test_a_subnet_is_written_beside_its_network(networks, group, network):
    client = networks.subnets
    body = Subnet(
        address_prefix="10.0.10.0/24",
        service_endpoints=[ServiceEndpointPropertiesFormat(service="Microsoft.Storage")],
        delegations=[Delegation(name="d", service_name="Microsoft.MachineLearningServices/workspaceComputes")],
        private_endpoint_network_policies="Disabled",
    )
    made = client.begin_create_or_update(group, network.name, "snet-life", body).result()
    assert made.id == f"{network.id}/subnets/snet-life"
    assert made.provisioning_state == "Succeeded"
    assert made.address_prefix == "10.0.10.0/24"
    [endpoint] = made.service_endpoints
    assert (endpoint.service, endpoint.provisioning_state) == ("Microsoft.Storage", "Succeeded")
    assert made.delegations[0].service_name == "Microsoft.MachineLearningServices/workspaceComputes"
    assert made.private_endpoint_network_policies == "Disabled"
    assert "snet-life" in names(client.list(group, network.name))
    assert "snet-life" in names(networks.virtual_networks.get(group, network.name).subnets)
    with refused("NetcfgSubnetRangesOverlap", 400):
        client.begin_create_or_update(group, network.name, "snet-twin", Subnet(address_prefix="10.0.10.128/25"))
    client.begin_delete(group, network.name, "snet-life").result()
    assert "snet-life" not in names(client.list(group, network.name))


def test_an_etag_guards_a_write(networks, group):
    client = networks.network_security_groups
    made = client.begin_create_or_update(group, "nsg-etag", NetworkSecurityGroup(location=LOCATION)).result()
    client.update_tags(group, "nsg-etag", TagsObject(tags={"a": "b"}))
    with refused("PreconditionFailed", 412):
        client.begin_create_or_update(
            group, "nsg-etag", NetworkSecurityGroup(location=LOCATION), headers={"If-Match": made.etag}
        )
    with refused("PreconditionFailed", 412):
        client.begin_create_or_update(
            group, "nsg-etag", NetworkSecurityGroup(location=LOCATION), headers={"If-None-Match": "*"}
        )
    assert MatchConditions.IfNotModified  # what data planes have in place of the headers


def test_a_security_group_has_rules_of_its_own_and_defaults(networks, group):
    client = networks.network_security_groups
    deny = SecurityRule(
        name="deny-internet",
        priority=4000,
        direction="Outbound",
        access="Deny",
        protocol="*",
        source_address_prefix="*",
        source_port_range="*",
        destination_address_prefix="Internet",
        destination_port_range="*",
    )
    made = client.begin_create_or_update(
        group, "nsg", NetworkSecurityGroup(location=LOCATION, security_rules=[deny])
    ).result()
    assert names(made.security_rules) == ["deny-internet"]
    assert {rule.priority for rule in made.default_security_rules} == {65000, 65001, 65500}
    assert made.default_security_rules[0].access in ("Allow", "Deny")
    assert "nsg" in names(client.list(group))
    assert made.id in [item.id for item in client.list_all()]
    client.begin_delete(group, "nsg").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "nsg")


def test_a_security_rule_is_written_beside_its_group(networks, group):
    groups, rules = networks.network_security_groups, networks.security_rules
    groups.begin_create_or_update(group, "nsg-rules", NetworkSecurityGroup(location=LOCATION)).result()
    body = SecurityRule(
        priority=100,
        direction="Inbound",
        access="Allow",
        protocol="Tcp",
        source_address_prefix="BatchNodeManagement",
        source_port_range="*",
        destination_address_prefix="*",
        destination_port_ranges=["29876", "29877"],
    )
    made = rules.begin_create_or_update(group, "nsg-rules", "batch", body).result()
    assert (made.name, made.priority, made.access) == ("batch", 100, "Allow")
    assert made.destination_port_ranges == ["29876", "29877"]
    assert made.provisioning_state == "Succeeded"
    assert names(rules.list(group, "nsg-rules")) == ["batch"]
    assert names(groups.get(group, "nsg-rules").security_rules) == ["batch"]
    with refused("SecurityRuleConflict", 400):
        rules.begin_create_or_update(group, "nsg-rules", "twin", body)
    assert rules.get(group, "nsg-rules", "batch").protocol == "Tcp"
    rules.begin_delete(group, "nsg-rules", "batch").result()
    assert names(rules.list(group, "nsg-rules")) == []
    with refused("ParentResourceNotFound", 404, ResourceNotFoundError):
        rules.begin_create_or_update(group, "nsg-none", "batch", body)


def test_a_security_group_in_use_stays(networks, group, network):
    groups = networks.network_security_groups
    made = groups.begin_create_or_update(group, "nsg-used", NetworkSecurityGroup(location=LOCATION)).result()
    body = Subnet(address_prefix="10.0.20.0/24", network_security_group=NetworkSecurityGroup(id=made.id))
    used = networks.subnets.begin_create_or_update(group, network.name, "snet-nsg", body).result()
    assert used.network_security_group.id == made.id
    assert [item.id for item in groups.get(group, "nsg-used").subnets] == [used.id]
    with refused("InUseNetworkSecurityGroupCannotBeDeleted", 400):
        groups.begin_delete(group, "nsg-used")
    networks.subnets.begin_delete(group, network.name, "snet-nsg").result()
    groups.begin_delete(group, "nsg-used").result()


def test_a_reference_to_nothing_is_refused(networks, group, network):
    missing = f"{network.id.rsplit('/', 2)[0]}/networkSecurityGroups/nsg-none"
    with refused("InvalidResourceReference", 400):
        body = Subnet(address_prefix="10.0.21.0/24", network_security_group=NetworkSecurityGroup(id=missing))
        networks.subnets.begin_create_or_update(group, network.name, "snet-ref", body)


def test_an_interface_takes_an_address_of_its_subnet(networks, group, network, subnet):
    client = networks.network_interfaces
    body = NetworkInterface(
        location=LOCATION,
        ip_configurations=[NetworkInterfaceIPConfiguration(name="ipconfig", subnet=Subnet(id=subnet.id))],
    )
    made = client.begin_create_or_update(group, "nic", body).result()
    [configuration] = made.ip_configurations
    address = ipaddress.ip_address(configuration.private_ip_address)
    assert address in ipaddress.ip_network("10.0.0.0/24")
    assert int(address) % 256 >= 4
    assert configuration.private_ip_allocation_method == "Dynamic"
    assert configuration.primary is True
    seen = networks.subnets.get(group, network.name, subnet.name)
    assert [item.id for item in seen.ip_configurations] == [configuration.id]
    free = networks.virtual_networks.check_ip_address_availability(
        group, network.name, ip_address=str(address)
    )
    assert free.available is False
    assert free.available_ip_addresses
    usage = {item.id: item for item in networks.virtual_networks.list_usage(group, network.name)}
    assert usage[subnet.id].current_value == 1

    with refused("InUseSubnetCannotBeDeleted", 400):
        networks.subnets.begin_delete(group, network.name, subnet.name)
    with refused("InUseSubnetCannotBeDeleted", 400):
        networks.virtual_networks.begin_delete(group, network.name)
    with refused("PrivateIPAddressNotInSubnet", 400):
        outside = NetworkInterface(
            location=LOCATION,
            ip_configurations=[
                NetworkInterfaceIPConfiguration(
                    name="ipconfig",
                    subnet=Subnet(id=subnet.id),
                    private_ip_allocation_method="Static",
                    private_ip_address="10.7.0.4",
                )
            ],
        )
        client.begin_create_or_update(group, "nic-outside", outside)
    assert names(client.list(group)) == ["nic"]
    assert made.id in [item.id for item in client.list_all()]
    assert client.update_tags(group, "nic", TagsObject(tags={"a": "b"})).tags == {"a": "b"}
    client.begin_delete(group, "nic").result()
    seen = networks.subnets.get(group, network.name, subnet.name)
    assert not seen.ip_configurations


def test_a_nat_gateway_goes_out_by_a_public_address(networks, group, network):
    address = networks.public_ip_addresses.begin_create_or_update(
        group,
        "pip",
        PublicIPAddress(
            location=LOCATION,
            sku=PublicIPAddressSku(name="Standard"),
            public_ip_allocation_method="Static",
        ),
    ).result()
    assert ipaddress.ip_address(address.ip_address)
    assert (address.sku.name, address.sku.tier) == ("Standard", "Regional")
    gateway = networks.nat_gateways.begin_create_or_update(
        group,
        "nat",
        NatGateway(
            location=LOCATION,
            sku=NatGatewaySku(name="Standard"),
            public_ip_addresses=[SubResource(id=address.id)],
        ),
    ).result()
    assert [item.id for item in gateway.public_ip_addresses] == [address.id]
    body = Subnet(address_prefix="10.0.30.0/24", nat_gateway=SubResource(id=gateway.id))
    used = networks.subnets.begin_create_or_update(group, network.name, "snet-nat", body).result()
    assert used.nat_gateway.id == gateway.id
    seen = networks.nat_gateways.get(group, "nat")
    assert [item.id for item in seen.subnets] == [used.id]
    with refused("PublicIPAddressCannotBeDeleted", 400):
        networks.public_ip_addresses.begin_delete(group, "pip")
    with refused("InUseNatGatewayCannotBeDeleted", 400):
        networks.nat_gateways.begin_delete(group, "nat")
    assert names(networks.nat_gateways.list(group)) == ["nat"]
    networks.subnets.begin_delete(group, network.name, "snet-nat").result()
    networks.nat_gateways.begin_delete(group, "nat").result()
    networks.public_ip_addresses.begin_delete(group, "pip").result()
    assert names(networks.public_ip_addresses.list(group)) == []


def test_a_route_table_sends_a_subnet_elsewhere(networks, group, network):
    tables = networks.route_tables
    hop = Route(
        name="out", address_prefix="0.0.0.0/0", next_hop_type="VirtualAppliance", next_hop_ip_address="10.0.0.4"
    )
    table = tables.begin_create_or_update(group, "rt", RouteTable(location=LOCATION, routes=[hop])).result()
    assert names(table.routes) == ["out"]
    extra = Route(address_prefix="AzureMonitor", next_hop_type="Internet")
    made = networks.routes.begin_create_or_update(group, "rt", "monitor", extra).result()
    assert (made.name, made.next_hop_type) == ("monitor", "Internet")
    assert sorted(names(networks.routes.list(group, "rt"))) == ["monitor", "out"]
    assert sorted(names(tables.get(group, "rt").routes)) == ["monitor", "out"]
    body = Subnet(address_prefix="10.0.40.0/24", route_table=RouteTable(id=table.id))
    used = networks.subnets.begin_create_or_update(group, network.name, "snet-rt", body).result()
    assert [item.id for item in tables.get(group, "rt").subnets] == [used.id]
    with refused("InUseRouteTableCannotBeDeleted", 400):
        tables.begin_delete(group, "rt")
    networks.routes.begin_delete(group, "rt", "monitor").result()
    assert names(networks.routes.list(group, "rt")) == ["out"]
    networks.subnets.begin_delete(group, network.name, "snet-rt").result()
    tables.begin_delete(group, "rt").result()
    assert names(tables.list(group)) == []


def test_peered_networks_see_each_other_from_both_sides(networks, group):
    client = networks.virtual_network_peerings
    ends = {}
    for name, range_ in (("vnet-hub", "10.50.0.0/16"), ("vnet-spoke", "10.51.0.0/16"), ("vnet-twin", "10.51.0.0/17")):
        ends[name] = networks.virtual_networks.begin_create_or_update(group, name, network_of(range_)).result()

    def peer(one, other):
        body = VirtualNetworkPeering(
            remote_virtual_network=SubResource(id=ends[other].id),
            allow_virtual_network_access=True,
            allow_forwarded_traffic=True,
        )
        return client.begin_create_or_update(group, one, f"to-{other}", body).result()

    first = peer("vnet-hub", "vnet-spoke")
    assert (first.peering_state, first.provisioning_state) == ("Initiated", "Succeeded")
    second = peer("vnet-spoke", "vnet-hub")
    assert second.peering_state == "Connected"
    assert client.get(group, "vnet-hub", "to-vnet-spoke").peering_state == "Connected"
    assert second.remote_address_space.address_prefixes == ["10.50.0.0/16"]
    with refused("VnetAddressSpacesOverlap", 400):
        peer("vnet-twin", "vnet-spoke")
    assert names(client.list(group, "vnet-hub")) == ["to-vnet-spoke"]
    assert names(networks.virtual_networks.get(group, "vnet-hub").virtual_network_peerings) == ["to-vnet-spoke"]
    client.begin_delete(group, "vnet-hub", "to-vnet-spoke").result()
    assert client.get(group, "vnet-spoke", "to-vnet-hub").peering_state == "Disconnected"
    client.begin_delete(group, "vnet-spoke", "to-vnet-hub").result()


def test_application_security_groups_are_made_and_listed(networks, group):
    client = networks.application_security_groups
    made = client.begin_create_or_update(group, "asg", ApplicationSecurityGroup(location=LOCATION)).result()
    assert made.provisioning_state == "Succeeded"
    assert names(client.list(group)) == ["asg"]
    assert client.update_tags(group, "asg", TagsObject(tags={"a": "b"})).tags == {"a": "b"}
    client.begin_delete(group, "asg").result()
    assert names(client.list(group)) == []


def test_service_tags_name_the_ranges_of_services(networks):
    found = networks.service_tags.list(LOCATION)
    tags = {tag.name: tag for tag in found.values_property}
    assert {"AzureMachineLearning", "AzureActiveDirectory", "Storage.WestEurope"} <= set(tags)
    for prefix in tags["AzureMachineLearning"].properties.address_prefixes:
        assert ipaddress.ip_network(prefix)
