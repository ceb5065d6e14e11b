"""Private DNS zones, their links and their records (azure-mgmt-privatedns)."""

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.network.models import AddressSpace, VirtualNetwork
from azure.mgmt.privatedns.models import (
    ARecord,
    CnameRecord,
    MxRecord,
    PrivateZone,
    RecordSet,
    SubResource,
    TxtRecord,
    VirtualNetworkLink,
)

from support import LOCATION, names, refused

ZONE = "privatelink.api.azureml.ms"


@pytest.fixture(scope="module")
def network(networks, group):
    body = VirtualNetwork(location=LOCATION, address_space=AddressSpace(address_prefixes=["10.0.0.0/16"]))
    return networks.virtual_networks.begin_create_or_update(group, "vnet", body).result()


@pytest.fixture(scope="module")
def zone(private_dns, group):
    return private_dns.private_zones.begin_create_or_update(group, ZONE, PrivateZone(location="global")).result()


def link_to(network, **fields):
    return VirtualNetworkLink(
        location="global", virtual_network=SubResource(id=network.id), registration_enabled=False, **fields
    )


def test_a_zone_lives_from_its_creation_to_its_deletion(private_dns, group):
    client = private_dns.private_zones
    made = client.begin_create_or_update(group, "life.example", PrivateZone(location="global")).result()
    assert made.type == "Microsoft.Network/privateDnsZones"
    assert (made.name, made.location, made.provisioning_state) == ("life.example", "global", "Succeeded")
    assert (made.number_of_record_sets, made.number_of_virtual_network_links) == (1, 0)
    assert client.get(group, "life.example").etag == made.etag
    assert "life.example" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list()]
    assert len(list(client.list(top=1).by_page())) >= 1
    changed = client.begin_update(group, "life.example", PrivateZone(tags={"a": "b"})).result()
    assert changed.tags == {"a": "b"}
    client.begin_delete(group, "life.example").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "life.example")


def test_a_zone_that_must_be_new_is_not_written_over(private_dns, group, zone):
    with pytest.raises((HttpResponseError, ResourceExistsError)) as caught:
        private_dns.private_zones.begin_create_or_update(
            group,
            ZONE,
            PrivateZone(location="global"),
            etag="*",
            match_condition=MatchConditions.IfMissing,
        )
    assert caught.value.status_code == 412
    assert caught.value.error.code == "PreconditionFailed"


def test_a_zone_has_no_region(private_dns, group):
    with refused("LocationNotAvailableForResourceType", 400):
        private_dns.private_zones.begin_create_or_update(group, "region.example", PrivateZone(location=LOCATION))


def test_a_link_keeps_its_zone(private_dns, group, zone, network):
    client = private_dns.virtual_network_links
    made = client.begin_create_or_update(group, ZONE, "link", link_to(network)).result()
    assert (made.provisioning_state, made.virtual_network_link_state) == ("Succeeded", "Completed")
    assert made.virtual_network.id == network.id
    assert made.registration_enabled is False
    assert names(client.list(group, ZONE)) == ["link"]
    assert private_dns.private_zones.get(group, ZONE).number_of_virtual_network_links == 1
    with refused("CannotDeleteResource", 409, ResourceExistsError):
        private_dns.private_zones.begin_delete(group, ZONE)
    with refused("Conflict", 409, ResourceExistsError):
        client.begin_create_or_update(group, ZONE, "second", link_to(network))
    changed = client.begin_update(group, ZONE, "link", VirtualNetworkLink(tags={"a": "b"})).result()
    assert (changed.tags, changed.virtual_network.id) == ({"a": "b"}, network.id)
    client.begin_delete(group, ZONE, "link").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, ZONE, "link")


def test_a_link_needs_a_network_and_a_zone(private_dns, group, zone, network):
    client = private_dns.virtual_network_links
    with refused("ParentResourceNotFound", 404, ResourceNotFoundError):
        client.begin_create_or_update(group, "none.example", "link", link_to(network))
    nobody = VirtualNetworkLink(
        location="global", virtual_network=SubResource(id=f"{network.id}-none"), registration_enabled=False
    )
    with pytest.raises(HttpResponseError) as caught:
        client.begin_create_or_update(group, ZONE, "link-none", nobody).result()
    assert caught.value.status_code in (400, 404)


def test_an_address_record_is_written_changed_and_deleted(private_dns, group, zone):
    client = private_dns.record_sets
    made = client.create_or_update(
        group, ZONE, "A", "host", RecordSet(ttl=300, a_records=[ARecord(ipv4_address="10.0.0.4")])
    )
    assert made.fqdn == f"host.{ZONE}."
    assert made.type == "Microsoft.Network/privateDnsZones/A"
    assert made.is_auto_registered is False
    assert [record.ipv4_address for record in made.a_records] == ["10.0.0.4"]
    changed = client.update(group, ZONE, "A", "host", RecordSet(ttl=60))
    assert (changed.ttl, changed.a_records[0].ipv4_address) == (60, "10.0.0.4")
    assert sorted(item.name for item in client.list(group, ZONE)) == ["@", "host"]
    assert names(client.list_by_type(group, ZONE, "A")) == ["host"]
    with pytest.raises(HttpResponseError) as caught:
        client.create_or_update(
            group,
            ZONE,
            "A",
            "host",
            RecordSet(ttl=1, a_records=[ARecord(ipv4_address="10.0.0.5")]),
            etag=made.etag,
            match_condition=MatchConditions.IfNotModified,
        )
    assert caught.value.status_code == 412
    client.delete(group, ZONE, "A", "host")
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, ZONE, "A", "host")


def test_the_first_record_of_a_zone_is_its_own(private_dns, group, zone):
    [soa] = private_dns.record_sets.list_by_type(group, ZONE, "SOA")
    assert soa.name == "@"
    assert soa.soa_record.host == "azureprivatedns.net"
    with pytest.raises(HttpResponseError) as caught:
        private_dns.record_sets.delete(group, ZONE, "SOA", "@")
    assert caught.value.status_code == 400


def test_records_of_other_types_are_written(private_dns, group, zone):
    client = private_dns.record_sets
    alias = client.create_or_update(
        group, ZONE, "CNAME", "alias", RecordSet(ttl=10, cname_record=CnameRecord(cname="host.example"))
    )
    assert alias.cname_record.cname == "host.example"
    text = client.create_or_update(
        group, ZONE, "TXT", "text", RecordSet(ttl=10, txt_records=[TxtRecord(value=["a", "b"])])
    )
    assert text.txt_records[0].value == ["a", "b"]
    mail = client.create_or_update(
        group, ZONE, "MX", "mail", RecordSet(ttl=10, mx_records=[MxRecord(preference=5, exchange="mx.example")])
    )
    assert mail.mx_records[0].preference == 5
    assert {"alias", "text", "mail"} <= set(names(client.list(group, ZONE)))
    for kind, name in (("CNAME", "alias"), ("TXT", "text"), ("MX", "mail")):
        client.delete(group, ZONE, kind, name)
