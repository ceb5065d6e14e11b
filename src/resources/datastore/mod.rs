//! `amlsecure_datastore`: where a workspace finds data, and what its identity
//! needs there.
//!
//! ```text
//! workspace (given) <- datastore
//! storage (given)   <- role/reader, role/data
//! ```

mod recall;

use std::collections::BTreeMap;

use crate::engine::graph::{Expr, Handle, Secret};
use crate::kinds::{BLOB_CONTAINER, DATASTORE, FILE_SHARE, Kind, ResourceId, STORAGE_ACCOUNT, WORKSPACE};
use crate::resources::expansion::origin;
use crate::resources::roles::{self, Assignment, Principal, RequiredRole, builtin};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::schema::config::{Computed, Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// The tag in which a datastore carries the version of its credentials: Azure
/// never shows a secret, so this says which of them it was given.
pub(super) const CREDENTIALS: &str = "amlsecure-credentials";

/// What Azure Resource Manager has datastores of.
pub(super) const TYPES: [&str; 4] = ["AzureBlob", "AzureFile", "AzureDataLakeGen1", "AzureDataLakeGen2"];
pub(super) const CREDENTIAL_TYPES: [&str; 4] = ["AccountKey", "Sas", "ServicePrincipal", "Certificate"];
pub(super) const IDENTITIES: [&str; 3] =
    ["None", "WorkspaceSystemAssignedIdentity", "WorkspaceUserAssignedIdentity"];

/// The type of the id of a store of the first generation.
const DATA_LAKE_STORE: &str = "Microsoft.DataLakeStore/accounts";

block! {
    /// A datastore of a workspace: a container, share, file system or lake under a name that jobs use. The
    /// workspace signs in with its identity, which gets the roles that it needs, or with credentials that are sent
    /// and stored nowhere.
    ///
    /// The store itself belongs to somebody else, and stays when the datastore goes.
    pub struct Datastore {
        /// The name of the datastore.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&DATASTORE, v, p, d)),
        /// The id of the workspace.
        pub workspace_id: Field<String> = required().replaces().check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// What the data lies in: `AzureBlob`, `AzureFile`, `AzureDataLakeGen1` or `AzureDataLakeGen2`.
        pub r#type: Field<String> = required().replaces().check(kind_of_store),
        /// The id of the container of an `AzureBlob`, or of the file system of an `AzureDataLakeGen2`.
        pub storage_container_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&BLOB_CONTAINER, v, p, d)),
        /// The id of the share of an `AzureFile`.
        pub storage_fileshare_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&FILE_SHARE, v, p, d)),
        /// The id of the account of an `AzureDataLakeGen1`.
        pub data_lake_store_id: Field<String> = optional().replaces().check(data_lake_store),
        /// As whom the workspace's own services read the data, such as the studio, which needs it behind a
        /// closed network: `WorkspaceSystemAssignedIdentity`, `WorkspaceUserAssignedIdentity` or `None`. Azure
        /// takes up to ten minutes to act on it.
        pub service_data_identity: Field<String> = default("WorkspaceSystemAssignedIdentity")
            .check(|v, p, d| checks::one_of(&IDENTITIES, v, p, d)),
        /// With what jobs sign in. Without the block they do as who they run as.
        pub credentials: Option<Credentials> = optional(),
        /// Whether Azure saves itself a look at the store of an `AzureBlob` or `AzureFile`, which it cannot reach
        /// where that is closed. Lakes are never looked at.
        pub skip_validation: Field<bool> = default(true),
        /// What it is for.
        pub description: Field<String> = optional(),
        /// The object id of the identity of a `WorkspaceUserAssignedIdentity`.
        pub principal_id: Field<String> = optional(),
        /// `managed`: the provider assigns the roles that the workspace's identity needs on the storage account.
        /// `none`: somebody else does, from `required_role_assignments`. A workspace has them on its own account
        /// already, and two datastores on one account need them once.
        pub role_assignments: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// The id of the datastore.
        pub id: Computed<String> = computed(),
        /// Commands that let the workspace's identity into a lake by access control lists, which only the lake
        /// itself can set. `AzureDataLakeGen1` needs them; for `AzureDataLakeGen2` they stand in for the role on
        /// its data.
        pub data_plane_commands: Computed<Vec<Field<String>>> = computed(),
        /// The roles that the workspace's identity needs: scope, role and principal of each.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

block! {
    /// With what jobs sign in to the store.
    pub struct Credentials {
        /// `AccountKey` or `Sas` for an `AzureBlob` or `AzureFile`, `ServicePrincipal` or `Certificate` for a
        /// lake.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(&CREDENTIAL_TYPES, v, p, d)),
        /// The key of the storage account, for `AccountKey`. It is sent and never stored.
        pub account_key: Field<String> = optional().sensitive().write_only(),
        /// The signature, for `Sas`. It is sent and never stored.
        pub shared_access_signature: Field<String> = optional().sensitive().write_only(),
        /// The secret of the application, for `ServicePrincipal`. It is sent and never stored.
        pub client_secret: Field<String> = optional().sensitive().write_only(),
        /// The certificate of the application, for `Certificate`. It is sent and never stored.
        pub certificate: Field<String> = optional().sensitive().write_only(),
        /// Which secret this is. Nobody can see that a secret is another, so it is sent when this number is
        /// another, and with every other change.
        pub version: Field<i64> = default(1).check(checks::not_negative),
        /// The tenant of the application, for `ServicePrincipal` and `Certificate`.
        pub tenant_id: Field<String> = optional(),
        /// The application, for `ServicePrincipal` and `Certificate`.
        pub client_id: Field<String> = optional(),
        /// The thumbprint of the certificate, for `Certificate`.
        pub thumbprint: Field<String> = optional(),
        /// Where the application signs in, where that is not the cloud's own.
        pub authority_url: Field<String> = optional(),
        /// What the application signs in to, where that is not the cloud's own.
        pub resource_url: Field<String> = optional(),
    }
}

/// Databases have datastores in the first version of the API only,
/// which is none of Azure Resource Manager's.
fn kind_of_store(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let register = match text.as_str() {
        "AzureSqlDatabase" => "register_azure_sql_database",
        "AzurePostgreSql" => "register_azure_postgre_sql",
        _ => return checks::one_of(&TYPES, value, path, problems),
    };
    let user = if text == "AzureSqlDatabase" {
        " The workspace's identity becomes a user of the database, named as the workspace is, with CREATE USER \
         [<workspace>] FROM EXTERNAL PROVIDER, and may read with ALTER ROLE db_datareader ADD MEMBER [<workspace>]."
    } else {
        ""
    };
    problems.error(
        path.clone(),
        format!("Azure Resource Manager has no datastores of type {text:?}"),
        format!(
            "The SDK of version 1 registers them: Datastore.{register}(..., skip_validation=True). The way to the \
             server is an amlsecure_private_link.{user}"
        ),
    );
}

fn data_lake_store(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !ResourceId::parse(text).is_ok_and(|id| id.resource_type().eq_ignore_ascii_case(DATA_LAKE_STORE))
    {
        problems.error(
            path.clone(),
            "This is not the id of a Data Lake Storage Gen1 account",
            format!(
                "It looks like /subscriptions/<GUID>/resourceGroups/<name>/providers/{DATA_LAKE_STORE}/<name>."
            ),
        );
    }
}

impl Credentials {
    /// What a type of credentials needs, and nothing else.
    fn check(&self, store: &Field<String>, problems: &mut Diagnostics) {
        let Some(kind) = self.r#type.text() else { return };
        let fits = match store.text() {
            Some("AzureBlob" | "AzureFile") => ["AccountKey", "Sas"].contains(&kind),
            Some(_) => ["ServicePrincipal", "Certificate"].contains(&kind),
            None => true,
        };
        if !fits {
            problems.error(
                self.r#type.path.clone(),
                format!("An {} takes no credentials of type {kind:?}", store.text().unwrap_or_default()),
                "AzureBlob and AzureFile take \"AccountKey\" or \"Sas\", a lake \"ServicePrincipal\" or \
                 \"Certificate\".",
            );
        }
        let needed: &[&str] = match kind {
            "AccountKey" => &["account_key"],
            "Sas" => &["shared_access_signature"],
            "ServicePrincipal" => &["client_secret", "tenant_id", "client_id"],
            "Certificate" => &["certificate", "tenant_id", "client_id", "thumbprint"],
            _ => return,
        };
        let all = [
            ("account_key", &self.account_key),
            ("shared_access_signature", &self.shared_access_signature),
            ("client_secret", &self.client_secret),
            ("certificate", &self.certificate),
            ("tenant_id", &self.tenant_id),
            ("client_id", &self.client_id),
            ("thumbprint", &self.thumbprint),
        ];
        for (name, field) in all {
            let is_needed = needed.contains(&name);
            if is_needed && field.is_null() {
                problems.error(
                    self.r#type.path.clone(),
                    format!("Credentials of type {kind:?} need {name}"),
                    format!("Set {name}, or choose another type."),
                );
            } else if !is_needed && field.is_set() {
                problems.error(
                    field.path.clone(),
                    format!("Credentials of type {kind:?} take no {name}"),
                    format!("They take {}.", checks::listed(needed)),
                );
            }
        }
    }

    fn expr(&self) -> Expr {
        let Some(kind) = self.r#type.text() else {
            return Expr::At(origin(&self.r#type.path), Box::new(Expr::Unknown));
        };
        let mut secrets = BTreeMap::from([("secretsType".to_owned(), Expr::from(kind))]);
        for (name, field) in [
            ("key", &self.account_key),
            ("sasToken", &self.shared_access_signature),
            ("clientSecret", &self.client_secret),
            ("certificate", &self.certificate),
        ] {
            // A plan and a state hold none.
            if let Some(text) = field.text() {
                let secret = Expr::Secret(Secret::new(text.to_owned()));
                secrets.insert(name.to_owned(), Expr::At(origin(&field.path), Box::new(secret)));
            }
        }
        let mut members = BTreeMap::from([
            ("credentialsType".to_owned(), Expr::At(origin(&self.r#type.path), Box::new(kind.into()))),
            ("secrets".to_owned(), Expr::Object(secrets)),
        ]);
        for (name, field) in [
            ("tenantId", &self.tenant_id),
            ("clientId", &self.client_id),
            ("thumbprint", &self.thumbprint),
            ("authorityUrl", &self.authority_url),
            ("resourceUrl", &self.resource_url),
        ] {
            if field.is_set() {
                members.insert(name.to_owned(), Expr::from(field));
            }
        }
        Expr::Object(members)
    }
}

impl Resource for Datastore {
    const TYPE: &'static str = "amlsecure_datastore";
    const MOVED_FROM: MovedFrom = &[
        ("azurerm_machine_learning_datastore_blobstorage", &DATASTORE),
        ("azurerm_machine_learning_datastore_fileshare", &DATASTORE),
        ("azurerm_machine_learning_datastore_datalake_gen2", &DATASTORE),
    ];
    const IMPORTED_BY: &'static [&'static Kind] = &[&DATASTORE];
    const IMPORT: &'static str = "Its workspace and its store are given, by id. Role assignments become this block's own where they carry \
         the provider's mark. No secret is read: write those that the credentials need, under the `version` that is \
         found.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_store(problems);
        if let Some(credentials) = &self.credentials {
            credentials.check(&self.r#type, problems);
        }
        let user_assigned = self.is_user_assigned();
        let assigns = self.role_assignments.text() == Some("managed");
        if user_assigned && assigns && self.takes_roles() && self.principal_id.is_null() {
            problems.error(
                self.service_data_identity.path.clone(),
                "Which identity of the workspace this is, nobody says",
                "A workspace may have several. Set principal_id to the object id of the one that acts.",
            );
        }
        if self.principal_id.is_set() && self.service_data_identity.known().is_some() && !user_assigned {
            problems.error(
                self.principal_id.path.clone(),
                "This identity is never used",
                "principal_id goes with service_data_identity = \"WorkspaceUserAssignedIdentity\".",
            );
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.workspace_id);
        let datastore = self.datastore(stack, &workspace);
        stack.graph.set_primary(&datastore);
        if matches!(self.r#type.text(), Some("AzureBlob" | "AzureFile")) && self.skip_validation.is_true() {
            stack.graph.ask(&datastore, "skipValidation", "true");
        }
        let mut principal = roles::of_workspace(&workspace, &self.principal_id);
        if self.is_user_assigned() && self.principal_id.is_null() {
            principal.id = Expr::Json(serde_json::Value::Null);
        }
        let required = self.roles(stack, &principal);
        [
            ("id", datastore.id()),
            ("data_plane_commands", self.commands(&principal)),
            ("required_role_assignments", required),
        ]
        .into()
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        recall::datastore(id, seen)
    }
}

impl Datastore {
    /// Each type lies in one thing.
    fn check_store(&self, problems: &mut Diagnostics) {
        let Some(kind) = self.r#type.text() else { return };
        let wanted = match kind {
            "AzureFile" => "storage_fileshare_id",
            "AzureDataLakeGen1" => "data_lake_store_id",
            _ => "storage_container_id",
        };
        for (name, field) in [
            ("storage_container_id", &self.storage_container_id),
            ("storage_fileshare_id", &self.storage_fileshare_id),
            ("data_lake_store_id", &self.data_lake_store_id),
        ] {
            if name == wanted && field.is_null() {
                problems.error(
                    self.r#type.path.clone(),
                    format!("An {kind} needs {name}"),
                    format!("Set {name} to the id of what the data lies in."),
                );
            } else if name != wanted && field.is_set() {
                problems.error(
                    field.path.clone(),
                    format!("An {kind} does not lie in this"),
                    format!("Set {wanted} in place of {name}."),
                );
            }
        }
    }

    fn is_user_assigned(&self) -> bool {
        self.service_data_identity.text() == Some("WorkspaceUserAssignedIdentity")
    }

    /// A lake of the first generation knows no roles.
    fn takes_roles(&self) -> bool {
        self.r#type.text() != Some("AzureDataLakeGen1") && self.service_data_identity.text() != Some("None")
    }

    /// The argument that says what the data lies in.
    fn store(&self) -> &Field<String> {
        match self.r#type.text() {
            Some("AzureFile") => &self.storage_fileshare_id,
            Some("AzureDataLakeGen1") => &self.data_lake_store_id,
            _ => &self.storage_container_id,
        }
    }

    fn store_id(&self) -> Option<ResourceId> {
        ResourceId::parse(self.store().text()?).ok()
    }

    /// The account around a container or a share.
    fn account(&self) -> Option<ResourceId> {
        std::iter::successors(self.store_id(), ResourceId::parent).find(|id| id.is(&STORAGE_ACCOUNT))
    }

    fn datastore(&self, stack: &mut Stack<'_>, workspace: &Handle) -> Handle {
        let store = self.store_id();
        let at = |value: Option<String>| {
            let inner = match (value, &self.store().state) {
                (Some(text), _) => text.into(),
                (None, State::Null) => Expr::Json(serde_json::Value::Null),
                (None, _) => Expr::Unknown,
            };
            Expr::At(origin(&self.store().path), Box::new(inner))
        };
        let name = store.as_ref().map(|id| id.name().to_owned());
        let mut members = BTreeMap::from([
            ("datastoreType".to_owned(), Expr::from(&self.r#type)),
            ("description".to_owned(), Expr::from(&self.description)),
            ("subscriptionId".to_owned(), at(store.as_ref().map(|id| id.subscription_id().to_owned()))),
            (
                "resourceGroup".to_owned(),
                at(store.as_ref().and_then(|id| id.resource_group_name()).map(str::to_owned)),
            ),
            ("serviceDataAccessAuthIdentity".to_owned(), Expr::from(&self.service_data_identity)),
            (
                "credentials".to_owned(),
                self.credentials
                    .as_ref()
                    .map_or_else(|| body!({ "credentialsType": "None" }), Credentials::expr),
            ),
        ]);
        let mut place = |name: &str, value: Expr| {
            members.insert(name.to_owned(), value);
        };
        match self.r#type.text() {
            Some("AzureDataLakeGen1") => place("storeName", at(name)),
            Some(kind) => {
                place("accountName", at(self.account().map(|id| id.name().to_owned())));
                place("endpoint", stack.azure.cloud.storage_suffix().into());
                place("protocol", "https".into());
                let container = match kind {
                    "AzureFile" => "fileShareName",
                    "AzureDataLakeGen2" => "filesystem",
                    _ => "containerName",
                };
                place(container, at(name));
            }
            None => {}
        }
        if let Some(credentials) = &self.credentials {
            let version = match &credentials.version.state {
                State::Known(version) => version.to_string().into(),
                State::Unknown => Expr::Unknown,
                State::Null => "1".into(),
            };
            let version = Expr::At(origin(&credentials.version.path), Box::new(version));
            place("tags", Expr::object([(CREDENTIALS, version)]));
        }
        let body = body!({ "properties": (Expr::Object(members)) });
        let name = self.name.text().map(str::to_owned);
        stack.add("datastore", &DATASTORE, workspace.known_id(), name, body, &self.name.path)
    }

    /// The right to read the account's firewall, and the data ("studio in a
    /// virtual network").
    fn roles(&self, stack: &mut Stack<'_>, principal: &Principal) -> Expr {
        if self.r#type.is_unknown() || self.service_data_identity.is_unknown() {
            stack.incomplete();
            return Expr::Unknown;
        }
        if !self.takes_roles() {
            return Expr::array([]);
        }
        if self.role_assignments.is_unknown() {
            stack.incomplete();
        }
        let storage = stack.given_id("storage", &STORAGE_ACCOUNT, self.account(), &self.store().path);
        let data = if self.r#type.text() == Some("AzureFile") {
            &builtin::STORAGE_FILE_DATA_PRIVILEGED_CONTRIBUTOR
        } else {
            &builtin::STORAGE_BLOB_DATA_READER
        };
        let mut required = Vec::new();
        for (key, role) in [("role/reader", &builtin::READER), ("role/data", data)] {
            let assignment = Assignment { key: key.to_owned(), role, scope: &storage };
            required.push(roles::listed(stack, principal, &assignment));
            if self.role_assignments.text() != Some("none") {
                roles::assign(stack, principal, &assignment, &self.role_assignments.path);
            }
        }
        Expr::Array(required)
    }

    fn commands(&self, principal: &Principal) -> Expr {
        if self.r#type.is_unknown() || self.store().is_unknown() || self.service_data_identity.is_unknown() {
            return Expr::Unknown;
        }
        let nobody = self.is_user_assigned() && self.principal_id.is_null();
        if nobody || self.service_data_identity.text() == Some("None") {
            return Expr::array([]);
        }
        let name = |id: Option<ResourceId>| id.map(|id| id.name().to_owned()).unwrap_or_default();
        let before = match self.r#type.text() {
            Some("AzureDataLakeGen1") => {
                let store = name(self.store_id());
                format!("az dls fs access set-entry --account {store} --path / --acl-spec ")
            }
            Some("AzureDataLakeGen2") => {
                let (account, system) = (name(self.account()), name(self.store_id()));
                format!(
                    "az storage fs access update-recursive --account-name {account} --file-system {system} --path / \
                     --auth-mode login --acl "
                )
            }
            _ => return Expr::array([]),
        };
        let command = Expr::Concat(vec![
            format!("{before}user:").into(),
            principal.id.clone(),
            ":r-x,default:user:".into(),
            principal.id.clone(),
            ":r-x".into(),
        ]);
        Expr::array([command])
    }
}
