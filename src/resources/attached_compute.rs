//! `amlsecure_attached_compute`: a machine, an HDInsight cluster or a
//! Databricks workspace of somebody's, as a compute of a workspace.
//!
//! ```text
//! workspace (given), virtual_machine or hdinsight or databricks (given) <- compute
//! ```
//!
//! What is attached is let go of when the block goes, and is never deleted.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::databricks_workspace::check_linked;
use super::datastore::CREDENTIALS;
use super::expansion::origin;
use super::recall::{id, number, text, word};
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::{Expr, Handle, Secret, Unfit};
use crate::kinds::{
    COMPUTE, DATABRICKS_WORKSPACE, HDINSIGHT_CLUSTER, Kind, ResourceId, VIRTUAL_MACHINE, WORKSPACE,
};
use crate::schema::config::{Computed, Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

const TYPES: [&str; 3] = ["VirtualMachine", "HDInsight", "Databricks"];

/// "Azure Machine Learning supports only virtual machines that run Ubuntu"
/// (machines in a virtual network). Which Linux it is, Azure does not always say.
const WINDOWS: Unfit = Unfit {
    path: "properties.storageProfile.osDisk.osType",
    word: Some("Windows"),
    why: "It runs Windows. Azure Machine Learning takes virtual machines that run Ubuntu.",
};

/// The port of SSH.
const SSH_PORT: i64 = 22;

block! {
    /// A compute that exists already, attached to a workspace: a virtual machine, an HDInsight cluster or a
    /// Databricks workspace. It belongs to somebody else, and stays when the block goes or is replaced: then it is
    /// detached, never deleted.
    ///
    /// Azure Machine Learning signs in to machines and HDInsight clusters by SSH. In a network they stand in a
    /// subnet that lets it in: `amlsecure_network` makes one for the purpose `attached_compute`.
    pub struct AttachedCompute {
        /// The name of the compute.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&COMPUTE, v, p, d)),
        /// The id of the workspace that it is attached to.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// What the compute is for.
        pub description: Field<String> = optional().replaces(),
        /// A virtual machine that runs Ubuntu: Azure Machine Learning supports no other system. The workspace
        /// has no managed network. Give one of the three blocks.
        pub virtual_machine: Option<Machine> = optional(),
        /// An HDInsight cluster.
        pub hdinsight: Option<HdInsight> = optional(),
        /// A Databricks workspace. One that `amlsecure_databricks_workspace` makes can be attached as well.
        pub databricks: Option<Databricks> = optional(),
        /// The id of the compute.
        pub id: Computed<String> = computed(),
    }
}

block! {
    /// A virtual machine that runs Ubuntu.
    pub struct Machine {
        /// The id of the virtual machine.
        pub virtual_machine_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&VIRTUAL_MACHINE, v, p, d)),
        /// The address or host name at which its SSH port is reached.
        pub address: Field<String> = required().replaces().check(host),
        /// Its SSH port.
        pub ssh_port: Field<i64> = default(SSH_PORT).replaces().check(port),
        /// Who signs in to it.
        pub administrator_account: Option<AdministratorAccount> = required(),
    }
}

block! {
    /// An HDInsight cluster.
    pub struct HdInsight {
        /// The id of the cluster.
        pub hdinsight_cluster_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&HDINSIGHT_CLUSTER, v, p, d)),
        /// The address or host name at which the SSH port of its head node is reached, such as
        /// `spark-ssh.azurehdinsight.net`.
        pub address: Field<String> = required().replaces().check(host),
        /// Its SSH port.
        pub ssh_port: Field<i64> = default(SSH_PORT).replaces().check(port),
        /// Who signs in to it.
        pub administrator_account: Option<AdministratorAccount> = required(),
    }
}

block! {
    /// A Databricks workspace.
    pub struct Databricks {
        /// The id of the Databricks workspace, in the subscription and region of the machine learning workspace.
        pub databricks_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&DATABRICKS_WORKSPACE, v, p, d)),
        /// A token of the Databricks workspace, as whose holder jobs run. It is sent and never stored.
        pub access_token: Field<String> = required().sensitive().write_only(),
        /// Which token this is. Nobody can see that a token is another, so it is sent when this number is
        /// another, and with every other change.
        pub version: Field<i64> = default(1).check(checks::not_negative),
    }
}

block! {
    /// Who signs in by SSH: a name, and its password or its private key.
    pub struct AdministratorAccount {
        /// The name of the account.
        pub username: Field<String> = required(),
        /// Its password. It is sent and never stored.
        pub password: Field<String> = optional().sensitive().write_only(),
        /// Its private key. It is sent and never stored.
        pub private_key_data: Field<String> = optional().sensitive().write_only(),
        /// Which password or key this is. Nobody can see that it is another, so it is sent when this number is
        /// another, and with every other change.
        pub version: Field<i64> = default(1).check(checks::not_negative),
    }
}

fn port(value: &Value, path: &Path, problems: &mut Diagnostics) {
    checks::whole_number(1, 65535, value, path, problems);
}

fn host(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    if let Value::String(text) = value
        && (text.is_empty() || !text.chars().all(fits))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is neither an address nor a host name"),
            "It is written like \"10.1.0.4\" or \"machine.example.com\". The port is ssh_port.",
        );
    }
}

impl Resource for AttachedCompute {
    const TYPE: &'static str = "amlsecure_attached_compute";
    const MOVED_FROM: super::MovedFrom = &[("", &COMPUTE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&COMPUTE];
    const IMPORT: &'static str = "Its workspace and what is attached are given, by id. One that others have attached becomes this block's \
         own: the next apply writes the provider's marks into its tags, and sends what signs in. No secret is read: write \
         it under the `version` that is found. The name of an account is found where this provider has sent it.";

    fn check(&self, problems: &mut Diagnostics) {
        let blocks = [
            ("virtual_machine", self.virtual_machine.is_some()),
            ("hdinsight", self.hdinsight.is_some()),
            ("databricks", self.databricks.is_some()),
        ];
        let mut given = blocks.iter().filter(|(_, given)| *given).map(|(name, _)| *name);
        let Some(first) = given.next() else {
            problems.error(
                self.name.path.clone(),
                "Nothing says what is attached",
                "Add one of the blocks virtual_machine, hdinsight and databricks.",
            );
            return;
        };
        for other in given {
            problems.error(
                Path::root().attribute(other),
                format!("{first} and {other} exclude each other"),
                "One compute stands for one thing. Attach the other by a block of its own.",
            );
        }
        if let Some(account) = self.account() {
            account.check(problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        let Some(target) = self.target(stack, &workspace) else {
            // The rules require a block; without one there is nothing to attach.
            stack.incomplete();
            return Outputs::new();
        };
        let body = body!({
            "location": (workspace.output("location")),
            "tags": (Expr::object([(CREDENTIALS, target.credentials)])),
            "properties": {
                "computeType": (target.kind),
                "description": (&self.description),
                "resourceId": (target.id),
                "properties": (target.properties),
            },
        });
        let name = self.name.text().map(str::to_owned);
        let compute = stack.add(
            "compute",
            &COMPUTE,
            workspace.known_id().cloned().as_ref(),
            name,
            body,
            &self.name.path,
        );
        stack.graph.set_primary(&compute);
        [("id", compute.id())].into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let compute = seen.primary(at)?;
        let body = &compute.body;
        let kind = word(body, "/properties/computeType", &TYPES);
        let target = id(body, "/properties/resourceId").map(|id| id.to_string());
        let inner = |name: &str| format!("/properties/properties/{name}");
        let machine = |id: &'static str| {
            let port = match number(body, &inner("sshPort")) {
                Value::Null => SSH_PORT.into(),
                said => said,
            };
            Value::object([
                (id, target.clone().into()),
                ("address", text(body, &inner("address"))),
                ("ssh_port", port),
                ("administrator_account", AdministratorAccount::recalled(body)),
            ])
        };
        let (block, value) = match kind.as_str() {
            Some("VirtualMachine") => ("virtual_machine", machine("virtual_machine_id")),
            Some("HDInsight") => ("hdinsight", machine("hdinsight_cluster_id")),
            Some("Databricks") => (
                "databricks",
                Value::object([
                    ("databricks_workspace_id", target.clone().into()),
                    ("access_token", Value::Null),
                    ("version", version(&text(body, &format!("/tags/{CREDENTIALS}")))),
                ]),
            ),
            _ => {
                return Err(format!(
                    "{at} is no machine, HDInsight cluster or Databricks but another compute."
                ));
            }
        };
        if target.is_none() {
            return Err(format!("{at} does not name what is attached by its id, which Azure cannot change."));
        }
        let arguments = vec![
            ("name", compute.id.name().into()),
            ("machine_learning_workspace_id", compute.id.parent().map(|id| id.to_string()).into()),
            ("description", text(body, "/properties/description")),
            (block, value),
        ];
        let parts = [("compute".to_owned(), compute.id.clone())].into();
        Ok(Recalled { arguments, parts, ..Recalled::default() })
    }
}

/// What is attached, as Azure is told of it.
struct Target {
    kind: &'static str,
    id: Expr,
    properties: Expr,
    /// Which credentials it was given.
    credentials: Expr,
}

impl AttachedCompute {
    fn account(&self) -> Option<&AdministratorAccount> {
        let machine = self.virtual_machine.as_ref().map(|machine| &machine.administrator_account);
        machine.or_else(|| self.hdinsight.as_ref().map(|cluster| &cluster.administrator_account))?.as_ref()
    }

    fn target(&self, stack: &mut Stack<'_>, workspace: &Handle) -> Option<Target> {
        if let Some(machine) = &self.virtual_machine {
            let handle = stack.given("virtual_machine", &VIRTUAL_MACHINE, &machine.virtual_machine_id);
            stack.graph.refuse(&handle, WINDOWS);
            return Some(by_ssh(
                "VirtualMachine",
                (&machine.virtual_machine_id, &machine.address, &machine.ssh_port),
                machine.administrator_account.as_ref()?,
            ));
        }
        if let Some(cluster) = &self.hdinsight {
            stack.given("hdinsight", &HDINSIGHT_CLUSTER, &cluster.hdinsight_cluster_id);
            return Some(by_ssh(
                "HDInsight",
                (&cluster.hdinsight_cluster_id, &cluster.address, &cluster.ssh_port),
                cluster.administrator_account.as_ref()?,
            ));
        }
        let databricks = self.databricks.as_ref()?;
        let at = &databricks.databricks_workspace_id;
        let handle = stack.given("databricks", &DATABRICKS_WORKSPACE, at);
        if let Some(id) = handle.known_id() {
            check_linked(stack, id, workspace, &self.machine_learning_workspace_id);
        }
        let mut properties =
            BTreeMap::from([("workspaceUrl".to_owned(), handle.output("properties.workspaceUrl"))]);
        insert_secret(&mut properties, "databricksAccessToken", &databricks.access_token);
        let version = numbered(&databricks.version).map_or(Expr::Unknown, |it| it.to_string().into());
        Some(Target {
            kind: "Databricks",
            id: Expr::from(at),
            properties: Expr::Object(properties),
            credentials: Expr::At(origin(&databricks.version.path), Box::new(version)),
        })
    }
}

/// What Azure Machine Learning signs in to by SSH.
fn by_ssh(
    kind: &'static str,
    (id, address, port): (&Field<String>, &Field<String>, &Field<i64>),
    account: &AdministratorAccount,
) -> Target {
    let properties = body!({
        "address": (address),
        "sshPort": (port),
        "administratorAccount": (account.body()),
    });
    Target { kind, id: Expr::from(id), properties, credentials: account.tag() }
}

impl AdministratorAccount {
    fn check(&self, problems: &mut Diagnostics) {
        if self.password.is_set() && self.private_key_data.is_set() {
            problems.error(
                self.private_key_data.path.clone(),
                "password and private_key_data exclude each other",
                "Azure Machine Learning signs in with one of them: leave the other out.",
            );
        }
        if self.password.is_null() && self.private_key_data.is_null() {
            problems.error(
                self.username.path.clone(),
                "Nothing says with what the account signs in",
                "Set password or private_key_data. They are sent and never stored.",
            );
        }
    }

    fn body(&self) -> Expr {
        let mut members = BTreeMap::from([("username".to_owned(), Expr::from(&self.username))]);
        insert_secret(&mut members, "password", &self.password);
        insert_secret(&mut members, "privateKeyData", &self.private_key_data);
        Expr::Object(members)
    }

    /// Azure never shows an account, so a tag says which it was given:
    /// `azureuser/1`.
    fn tag(&self) -> Expr {
        let tag = match (&self.username.state, numbered(&self.version)) {
            (State::Null, _) => Expr::Json(Json::Null),
            (State::Unknown, _) | (_, None) => Expr::Unknown,
            (State::Known(name), Some(version)) => format!("{name}/{version}").into(),
        };
        Expr::At(origin(&self.version.path), Box::new(tag))
    }

    fn recalled(body: &Json) -> Value {
        let tag = text(body, &format!("/tags/{CREDENTIALS}"));
        let (username, number) = match tag.as_str().and_then(|tag| tag.rsplit_once('/')) {
            Some((name, number)) => (name.into(), number.into()),
            None => (Value::Null, Value::Null),
        };
        Value::object([
            ("username", username),
            ("password", Value::Null),
            ("private_key_data", Value::Null),
            ("version", version(&number)),
        ])
    }
}

/// The version in a tag; the first where it says none.
fn version(tag: &Value) -> Value {
    tag.as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or(1).into()
}

/// The version that an argument says; `None` while it is not known.
fn numbered(version: &Field<i64>) -> Option<i64> {
    if version.is_unknown() { None } else { Some(version.known().copied().unwrap_or(1)) }
}

/// A plan and a state hold no secret, and then nothing is said of it.
fn insert_secret(members: &mut BTreeMap<String, Expr>, name: &str, field: &Field<String>) {
    if let Some(text) = field.text() {
        let secret = Expr::Secret(Secret::new(text.to_owned()));
        members.insert(name.to_owned(), Expr::At(origin(&field.path), Box::new(secret)));
    }
}
