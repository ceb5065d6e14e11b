//! `amlsecure_compute_instance`: a machine for one person's notebooks in a
//! subnet, without a public address.
//!
//! ```text
//! workspace (given) <- instance
//! ```

mod scripts;

use std::collections::BTreeMap;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    COMPUTE, Kind, ResourceId, SUBNET, UPDATE_IDLE_SHUTDOWN_SETTING, UPDATE_SCHEDULES,
    USER_ASSIGNED_IDENTITY, WORKSPACE,
};
use crate::resources::compute_cluster::{check_subscription, negated, subnet};
use crate::resources::expansion::enabled;
use crate::resources::recall::{Arguments, flag, id, items, number, text, word};
use crate::resources::roles::{self, Assignment, Principal, RequiredRole, builtin};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks, identity, recall};
use crate::schema::config::{Blocks, Computed, Field};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};
use scripts::{Proxy, SetupScripts};

const SHARING: [&str; 2] = ["Personal", "Shared"];
const ACTIONS: [&str; 2] = ["Start", "Stop"];
const FREQUENCIES: [&str; 5] = ["Minute", "Hour", "Day", "Week", "Month"];
const WEEK_DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The most schedules that an instance may have ("schedule automatic start and
/// stop" of the Azure Machine Learning documentation).
const MOST_SCHEDULES: usize = 4;

/// How long an instance may be idle, as text and in minutes (same page).
const IDLE: [(&str, u64); 2] = [("PT15M", 15), ("P3D", 3 * 24 * 60)];

block! {
    /// A machine for one person's notebooks in a workspace: in your subnet, without a public address unless
    /// you ask for one, and with no other way in than its workspace's.
    ///
    /// Azure can change little of an instance by the API that this provider speaks: its tags and its identity
    /// change in place. With any other argument it is made anew, and the files on its own disk are lost. Those under
    /// `~/cloudfiles` lie in the workspace's storage account and stay. What the studio sets where an
    /// argument is left out (schedules, idle shutdown, an assigned user, scripts) is left alone; where the
    /// studio changes what an argument says, `lifecycle { ignore_changes }` keeps the instance.
    ///
    /// An instance is made in the region of its workspace, and its name is unique among all computes of that
    /// region.
    pub struct ComputeInstance {
        /// The name of the instance, unique in the region.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&COMPUTE, v, p, d)),
        /// The id of the workspace that the instance belongs to.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// The id of the subnet that it stands in, of which it takes one address. The subnet must not be
        /// delegated, and must lie in the workspace's subscription and region. In a workspace with a managed
        /// network it is left out.
        pub subnet_resource_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The size of the machine, such as `Standard_DS3_v2`.
        pub virtual_machine_size: Field<String> = required().replaces(),
        /// Whether it has a public address. Without one the workspace needs a private endpoint, and the
        /// subnet a way out.
        pub node_public_ip_enabled: Field<bool> = default(false).replaces(),
        /// Whether users may sign in to it with keys rather than Entra alone.
        pub local_auth_enabled: Field<bool> = default(false).replaces(),
        /// Who opens the applications on it: `Personal` for its one person alone, or `Shared` for every user
        /// of the workspace.
        pub application_sharing_policy: Field<String> = default("Personal").replaces()
            .check(|v, p, d| checks::one_of(&SHARING, v, p, d)),
        /// What the instance is for.
        pub description: Field<String> = optional().replaces(),
        /// After how much idle time it stops, from `PT15M` to `P3D`. An instance with an identity stops by that
        /// identity, which needs the roles in `required_role_assignments`. Another time takes another instance,
        /// except with the provider's `compute_instance_actions`.
        pub idle_time_before_shutdown: Field<String> = optional().replaces().check(check_idle),
        /// The person that it is for, where that is not who makes it.
        pub assign_to_user: Option<AssignToUser> = optional().replaces(),
        /// Lets its person sign in by SSH. Without the block the port is closed.
        pub ssh: Option<Ssh> = optional().replaces(),
        /// When it starts and stops by itself, at most 4. Other times take another instance, except with the
        /// provider's `compute_instance_actions`.
        pub schedule: Blocks<Schedule> = optional().replaces(),
        /// Scripts that set it up.
        pub setup_scripts: Option<SetupScripts> = optional().replaces(),
        /// The proxy through which its shells reach the internet.
        pub proxy: Option<Proxy> = optional().replaces(),
        /// The identity that it carries.
        pub identity: Option<Identity> = optional(),
        /// The id of the instance.
        pub id: Computed<String> = computed(),
        /// The object id of its system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
        /// The name to sign in with by SSH, where that is open.
        pub ssh_username: Computed<String> = computed(),
        /// The port to sign in at by SSH, where that is open.
        pub ssh_port: Computed<i64> = computed(),
        /// The roles that its identity needs to stop it when it is idle: scope, role and principal of each. The
        /// provider assigns none of them, as they let whoever uses the instance write to the workspace.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

block! {
    /// The person that it is for, where that is not who makes it.
    pub struct AssignToUser {
        /// The person's object id in Entra.
        pub object_id: Field<String> = required().check(checks::guid),
        /// The id of the person's tenant.
        pub tenant_id: Field<String> = required().check(checks::guid),
    }
}

block! {
    /// Lets its person sign in by SSH.
    pub struct Ssh {
        /// The public half of the person's key, such as `ssh-rsa AAAA...`.
        pub public_key: Field<String> = required().check(checks::public_key),
    }
}

block! {
    /// A time at which it starts or stops by itself: by `cron`, or by `recurrence`.
    pub struct Schedule {
        /// `Start` or `Stop`.
        pub action: Field<String> = required().check(|v, p, d| checks::one_of(&ACTIONS, v, p, d)),
        /// Whether the schedule is in force.
        pub enabled: Field<bool> = default(true),
        /// The time zone of its times under Windows' name for it, such as `Tokyo Standard Time`.
        pub time_zone: Field<String> = default("UTC").check(check_time_zone),
        /// From when on it is in force, such as `2026-01-05T00:00:00`; at once where it is left out.
        pub start_time: Field<String> = optional().check(check_start_time),
        /// When, as a cron expression of five fields: `0 8 * * 1-5` is 8 o'clock on working days.
        pub cron: Field<String> = optional().check(check_cron),
        /// When, in words.
        pub recurrence: Option<Recurrence> = optional(),
    }
}

block! {
    /// When, in words: every `interval` of a `frequency`, at these hours and minutes.
    pub struct Recurrence {
        /// `Minute`, `Hour`, `Day`, `Week` or `Month`.
        pub frequency: Field<String> = required().check(|v, p, d| checks::one_of(&FREQUENCIES, v, p, d)),
        /// Every how many of them.
        pub interval: Field<i64> = default(1).check(|v, p, d| checks::whole_number(1, 1000, v, p, d)),
        /// At which hours, 0 to 23.
        pub hours: Field<Vec<Field<i64>>> = required().check(checks::not_empty).check(|v, p, d|
            checks::each(|v, p, d| checks::whole_number(0, 23, v, p, d), v, p, d)),
        /// At which minutes, 0 to 59.
        pub minutes: Field<Vec<Field<i64>>> = required().check(checks::not_empty).check(|v, p, d|
            checks::each(|v, p, d| checks::whole_number(0, 59, v, p, d), v, p, d)),
        /// On which days of the week, `Monday` to `Sunday`.
        pub week_days: Field<Vec<Field<String>>> = optional().check(|v, p, d|
            checks::each(|v, p, d| checks::one_of(&WEEK_DAYS, v, p, d), v, p, d)),
        /// On which days of the month, 1 to 31.
        pub month_days: Field<Vec<Field<i64>>> = optional().check(|v, p, d|
            checks::each(|v, p, d| checks::whole_number(1, 31, v, p, d), v, p, d)),
    }
}

block! {
    /// The identity that it carries.
    pub struct Identity {
        /// `SystemAssigned`, `UserAssigned`, or `SystemAssigned, UserAssigned`.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(
                &["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"], v, p, d)),
        /// The ids of the user-assigned identities.
        pub identity_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d), v, p, d)),
    }
}

impl Resource for ComputeInstance {
    const TYPE: &'static str = "amlsecure_compute_instance";
    const MOVED_FROM: MovedFrom = &[("azurerm_machine_learning_compute_instance", &COMPUTE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&COMPUTE];
    const IMPORT: &'static str = "Its workspace, its subnet and its identities are given, by id. A `proxy` is told from the script that it \
         writes. One that others have made becomes this block's own: the next apply writes the provider's marks into \
         its tags.";

    fn check(&self, problems: &mut Diagnostics) {
        checks::closed_nodes("instance", &self.node_public_ip_enabled, &self.subnet_resource_id, problems);
        if self.schedule.items.len() > MOST_SCHEDULES {
            problems.error(
                Path::root().attribute("schedule").index(MOST_SCHEDULES),
                format!("An instance has at most {MOST_SCHEDULES} schedules"),
                "Take schedules out, or join them: a cron expression names several days and hours.",
            );
        }
        for (at, schedule) in self.schedule.items.iter().enumerate() {
            schedule.check(&Path::root().attribute("schedule").index(at), problems);
        }
        if let Some(scripts) = &self.setup_scripts {
            scripts.check(self.proxy.as_ref(), problems);
        }
        if let Some(identity) = &self.identity {
            identity::check_identity(&identity.r#type, &identity.identity_ids, problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        check_subscription(stack, &workspace, &self.subnet_resource_id);
        let mut members = BTreeMap::from([
            ("location".to_owned(), workspace.output("location")),
            ("properties".to_owned(), self.properties()),
        ]);
        if let Some(identity) = &self.identity {
            let expr = identity::identity(&identity.r#type, &identity.identity_ids);
            members.insert("identity".to_owned(), expr);
        }
        let name = self.name.text().map(str::to_owned);
        let parent = workspace.known_id().cloned();
        let body = Expr::Object(members);
        let instance = stack.add("instance", &COMPUTE, parent.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&instance);
        if stack.azure.compute_instance_actions {
            stack.graph.act(&instance, &UPDATE_SCHEDULES);
            stack.graph.act(&instance, &UPDATE_IDLE_SHUTDOWN_SETTING);
        }
        let null = || Expr::Json(serde_json::Value::Null);
        let principal = match &self.identity {
            Some(identity) if identity.r#type.is_unknown() => Expr::Unknown,
            Some(identity) if identity.r#type.text() != Some("UserAssigned") => {
                instance.output("identity.principalId")
            }
            _ => null(),
        };
        let ssh = |name: &str| match &self.ssh {
            Some(_) => instance.output(&format!("properties.properties.sshSettings.{name}")),
            None => null(),
        };
        [
            ("id", instance.id()),
            ("principal_id", principal),
            ("ssh_username", ssh("adminUserName")),
            ("ssh_port", ssh("sshPort")),
            ("required_role_assignments", self.roles(stack, &workspace, &instance)),
        ]
        .into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let instance = seen.primary(at)?;
        let body = &instance.body;
        if word(body, "/properties/computeType", &["ComputeInstance"]).as_str() != Some("ComputeInstance") {
            return Err(format!("{at} is no compute instance but another compute."));
        }
        let inner = body.pointer("/properties/properties").unwrap_or(&serde_json::Value::Null);
        let mut arguments = vec![
            ("name", instance.id.name().into()),
            ("machine_learning_workspace_id", instance.id.parent().map(|id| id.to_string()).into()),
            ("local_auth_enabled", (!flag(body, "/properties/disableLocalAuth", false).is_true()).into()),
            ("description", text(body, "/properties/description")),
            ("identity", identity::recalled(body)),
        ];
        arguments.extend(recalled(inner));
        arguments.extend(scripts::recalled(inner));
        let parts = [("instance".to_owned(), instance.id.clone())].into();
        Ok(Recalled { arguments, parts, ..Recalled::default() })
    }
}

impl ComputeInstance {
    fn properties(&self) -> Expr {
        let access = if self.ssh.is_some() { "Enabled" } else { "Disabled" };
        let mut ssh = BTreeMap::from([("sshPublicAccess".to_owned(), access.into())]);
        if let Some(block) = &self.ssh {
            ssh.insert("adminPublicKey".to_owned(), Expr::from(&block.public_key));
        }
        let mut inner = BTreeMap::from([
            ("vmSize".to_owned(), Expr::from(&self.virtual_machine_size)),
            ("subnet".to_owned(), subnet(&self.subnet_resource_id)),
            ("enableNodePublicIp".to_owned(), Expr::from(&self.node_public_ip_enabled)),
            // There is no other way.
            ("computeInstanceAuthorizationType".to_owned(), "personal".into()),
            ("applicationSharingPolicy".to_owned(), Expr::from(&self.application_sharing_policy)),
            ("sshSettings".to_owned(), Expr::Object(ssh)),
        ]);
        // What nobody asks for is left out, so that it is the studio's to set.
        if self.idle_time_before_shutdown.is_set() {
            inner.insert("idleTimeBeforeShutdown".to_owned(), Expr::from(&self.idle_time_before_shutdown));
        }
        if let Some(user) = &self.assign_to_user {
            let user = body!({
                "assignedUser": { "objectId": (&user.object_id), "tenantId": (&user.tenant_id) },
            });
            inner.insert("personalComputeInstanceSettings".to_owned(), user);
        }
        if self.schedule.unknown {
            inner.insert("schedules".to_owned(), Expr::Unknown);
        } else if !self.schedule.items.is_empty() {
            let all = Expr::array(self.schedule.items.iter().map(Schedule::expr));
            inner.insert("schedules".to_owned(), body!({ "computeStartStop": (all) }));
        }
        if let Some(scripts) = scripts::expr(self.setup_scripts.as_ref(), self.proxy.as_ref()) {
            inner.insert("setupScripts".to_owned(), scripts);
        }
        body!({
            "computeType": "ComputeInstance",
            "description": (&self.description),
            "disableLocalAuth": (negated(&self.local_auth_enabled)),
            "properties": (Expr::Object(inner)),
        })
    }

    /// Whoever stops an instance writes to its workspace ("enable idle shutdown").
    fn roles(&self, stack: &mut Stack<'_>, workspace: &Handle, instance: &Handle) -> Expr {
        let Some(identity) = self.identity.as_ref().filter(|_| self.idle_time_before_shutdown.is_set())
        else {
            return Expr::array([]);
        };
        if identity.r#type.is_unknown() || !identity.identity_ids.is_whole() {
            return Expr::Unknown;
        }
        let mut principals = Vec::new();
        if identity.r#type.text() != Some("UserAssigned") {
            principals.push(instance.output("identity.principalId"));
        }
        for id in identity.identity_ids.elements() {
            let Some(name) = id.text().and_then(|id| Some(ResourceId::parse(id).ok()?.name().to_owned()))
            else {
                continue;
            };
            let given = stack.given(&format!("identity/{name}"), &USER_ASSIGNED_IDENTITY, id);
            principals.push(given.output("properties.principalId"));
        }
        Expr::array(principals.into_iter().map(|id| {
            let principal = Principal { id, owner: None };
            let wanted = Assignment {
                key: "role/workspace".to_owned(),
                role: &builtin::CONTRIBUTOR,
                scope: workspace,
            };
            roles::listed(stack, &principal, &wanted)
        }))
    }
}

impl Schedule {
    /// It has one trigger.
    fn check(&self, at: &Path, problems: &mut Diagnostics) {
        if self.cron.is_unknown() || self.cron.is_set() != self.recurrence.is_some() {
            return;
        }
        let both = self.cron.is_set();
        problems.error(
            if both { self.cron.path.clone() } else { at.clone() },
            format!("A schedule needs cron or recurrence{}", if both { ", not both" } else { "" }),
            "cron = \"0 8 * * 1-5\" is 8 o'clock on working days; a recurrence block says the same in words.",
        );
    }

    fn expr(&self) -> Expr {
        let start = Expr::from(&self.start_time);
        let zone = Expr::from(&self.time_zone);
        let (trigger, name, when) = if let Some(recurrence) = &self.recurrence {
            let when = body!({
                "frequency": (&recurrence.frequency),
                "interval": (&recurrence.interval),
                "startTime": (start),
                "timeZone": (zone),
                "schedule": {
                    "hours": (&recurrence.hours),
                    "minutes": (&recurrence.minutes),
                    "weekDays": (&recurrence.week_days),
                    "monthDays": (&recurrence.month_days),
                },
            });
            ("Recurrence", "recurrence", when)
        } else {
            let when = body!({ "expression": (&self.cron), "startTime": (start), "timeZone": (zone) });
            ("Cron", "cron", when)
        };
        Expr::object([
            ("action", Expr::from(&self.action)),
            ("status", enabled(&self.enabled)),
            ("triggerType", trigger.into()),
            (name, when),
        ])
    }
}

/// The arguments that ask for the properties of an instance.
fn recalled(inner: &serde_json::Value) -> Arguments {
    let user = inner.pointer("/personalComputeInstanceSettings/assignedUser").map(|user| {
        Value::object([("object_id", text(user, "/objectId")), ("tenant_id", text(user, "/tenantId"))])
    });
    let ssh = flag(inner, "/sshSettings/sshPublicAccess", false)
        .is_true()
        .then(|| Value::object([("public_key", text(inner, "/sshSettings/adminPublicKey"))]));
    let schedules = items(inner, "/schedules/computeStartStop").map(schedule).collect();
    vec![
        ("subnet_resource_id", id(inner, "/subnet/id").map(|id| id.to_string()).into()),
        ("virtual_machine_size", text(inner, "/vmSize")),
        // Azure gives an address where nobody says otherwise, and shares what nobody keeps.
        ("node_public_ip_enabled", flag(inner, "/enableNodePublicIp", true)),
        ("application_sharing_policy", word(inner, "/applicationSharingPolicy", &SHARING)),
        ("idle_time_before_shutdown", text(inner, "/idleTimeBeforeShutdown")),
        ("assign_to_user", user.unwrap_or(Value::Null)),
        ("ssh", ssh.unwrap_or(Value::Null)),
        ("schedule", Value::List(schedules)),
    ]
}

fn schedule(body: &serde_json::Value) -> Value {
    let is_cron = body.pointer("/cron/expression").is_some();
    let at = |name: &str| format!("/{}/{name}", if is_cron { "cron" } else { "recurrence" });
    let numbers = |name: &str| {
        let all: Vec<Value> = items(body, &format!("/recurrence/schedule/{name}"))
            .filter_map(serde_json::Value::as_i64)
            .map(Value::from)
            .collect();
        if all.is_empty() { Value::Null } else { Value::List(all) }
    };
    let recurrence = Value::object([
        ("frequency", word(body, "/recurrence/frequency", &FREQUENCIES)),
        ("interval", number(body, "/recurrence/interval")),
        ("hours", numbers("hours")),
        ("minutes", numbers("minutes")),
        ("week_days", recall::texts(body, "/recurrence/schedule/weekDays")),
        ("month_days", numbers("monthDays")),
    ]);
    Value::object([
        ("action", word(body, "/action", &ACTIONS)),
        ("enabled", flag(body, "/status", true)),
        ("time_zone", text(body, &at("timeZone"))),
        ("start_time", text(body, &at("startTime"))),
        ("cron", text(body, "/cron/expression")),
        ("recurrence", if is_cron { Value::Null } else { recurrence }),
    ])
}

fn check_idle(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let [(least, low), (most, high)] = IDLE;
    if let Value::String(text) = value
        && !checks::minutes(text).is_some_and(|minutes| (low..=high).contains(&minutes))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not an idle time that Azure takes"),
            format!("It takes ISO 8601 durations from \"{least}\" to \"{most}\"."),
        );
    }
}

fn check_time_zone(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && (text.is_empty() || text.contains('/'))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not a time zone of Windows"),
            "Azure takes Windows' names: \"Tokyo Standard Time\", not \"Asia/Tokyo\".",
        );
    }
}

fn check_start_time(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value {
        let digits = |at: &std::ops::Range<usize>| {
            text.get(at.clone()).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let separators = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
        let fits = text.len() == "2026-01-05T00:00:00".len()
            && separators.iter().all(|(at, mark)| text.get(*at..=*at) == Some(mark))
            && [0..4, 5..7, 8..10, 11..13, 14..16, 17..19].iter().all(digits);
        if !fits {
            problems.error(
                path.clone(),
                format!("{text:?} is not a time that Azure takes"),
                "A time is written like \"2026-01-05T00:00:00\"; time_zone says where.",
            );
        }
    }
}

fn check_cron(value: &Value, path: &Path, problems: &mut Diagnostics) {
    const FIELDS: usize = 5;
    if let Value::String(text) = value
        && text.split_whitespace().count() != FIELDS
    {
        problems.error(
            path.clone(),
            format!("{text:?} is not a cron expression of {FIELDS} fields"),
            "The fields are minutes, hours, days, months and days of the week: \"0 8 * * 1-5\".",
        );
    }
}

/// Whether a recalled flag is set.
trait Flag {
    fn is_true(&self) -> bool;
}

impl Flag for Value {
    fn is_true(&self) -> bool {
        self.as_bool() == Some(true)
    }
}
