//! The scripts that set up a compute instance, and the proxy that one of them
//! tells its shells of.
//!
//! The service takes a script as a path in the workspace's file share, or
//! inline in base64 ("customize a compute instance with a script").

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value as Json;

use crate::engine::graph::Expr;
use crate::resources::checks;
use crate::resources::expansion::origin;
use crate::resources::recall::{Arguments, text};
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

block! {
    /// Scripts that set it up, as root.
    pub struct SetupScripts {
        /// Runs once, when the instance is made.
        pub creation_script: Option<Script> = optional(),
        /// Runs each time the instance starts.
        pub startup_script: Option<Script> = optional(),
    }
}

block! {
    /// A script: its text, or where it lies in the workspace's file share.
    pub struct Script {
        /// The text of a shell script. Whoever may read the instance may read it: no secrets.
        pub inline: Field<String> = optional(),
        /// The path of a script in the file share of the workspace's notebooks, such as
        /// `Users/someone/setup.sh`.
        pub workspace_path: Field<String> = optional(),
        /// What the script is called with.
        pub arguments: Field<String> = optional(),
        /// How long it may take, such as `20m`.
        pub timeout: Field<String> = optional().check(check_timeout),
    }
}

block! {
    /// The proxy through which its shells reach the internet: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`,
    /// which the creation script writes into the user's `~/.bashrc` and sets for itself, before the script
    /// of `setup_scripts` goes on.
    pub struct Proxy {
        /// The address of the proxy, such as `http://10.10.2.4:3128`.
        pub http_proxy: Field<String> = required().check(check_proxy),
        /// The address of the proxy for HTTPS, where that is another.
        pub https_proxy: Field<String> = optional().check(check_proxy),
        /// Names and addresses that are reached without it. Name what has private endpoints: its addresses
        /// are in the network.
        pub no_proxy: Field<Vec<Field<String>>> =
            default(["localhost", "127.0.0.1", "169.254.169.254", "168.63.129.16"])
            .check(|v, p, d| checks::each(check_no_proxy, v, p, d)),
    }
}

const HEAD: &str = "\
#!/bin/bash
proxy_of_the_network() {
cat <<'EOF'
";
const TAIL: &str = "\
EOF
}
proxy_of_the_network >> /home/azureuser/.bashrc
eval \"$(proxy_of_the_network)\"
";

/// Under which argument each script stands, and under which name of ARM's.
const SCRIPTS: [(&str, &str); 2] =
    [("creation_script", "creationScript"), ("startup_script", "startupScript")];

/// Where a script comes from.
const INLINE: &str = "inline";
const WORKSPACE: &str = "workspaceStorage";

impl SetupScripts {
    /// A script has one source, and only a text can go on after the proxy's.
    pub(super) fn check(&self, proxy: Option<&Proxy>, problems: &mut Diagnostics) {
        for script in [&self.creation_script, &self.startup_script].into_iter().flatten() {
            script.check(problems);
        }
        if let (Some(script), Some(_)) = (&self.creation_script, proxy)
            && script.workspace_path.is_set()
        {
            problems.error(
                script.workspace_path.path.clone(),
                "A script of the file share cannot go on after the proxy's",
                "Give its text in inline, or make it the startup_script.",
            );
        }
    }
}

impl Script {
    fn check(&self, problems: &mut Diagnostics) {
        let (text, path) = (&self.inline, &self.workspace_path);
        if text.is_unknown() || path.is_unknown() || text.is_set() != path.is_set() {
            return;
        }
        let both = text.is_set();
        problems.error(
            text.path.clone(),
            format!("A script needs inline or workspace_path{}", if both { ", not both" } else { "" }),
            "inline is the script's text; workspace_path is where it lies in the workspace's file share.",
        );
    }

    fn expr(&self, before: Option<Expr>) -> Expr {
        let (source, data) = if self.workspace_path.is_set() {
            (WORKSPACE, Expr::from(&self.workspace_path))
        } else {
            let whole = match (self.inline.text(), before) {
                (Some(own), None) => encoded(own),
                (Some(own), Some(Expr::Json(Json::String(before)))) => encoded(&(before + own)),
                _ => Expr::Unknown,
            };
            (INLINE, Expr::At(origin(&self.inline.path), Box::new(whole)))
        };
        let mut members =
            BTreeMap::from([("scriptSource".to_owned(), source.into()), ("scriptData".to_owned(), data)]);
        for (name, field) in [("scriptArguments", &self.arguments), ("timeout", &self.timeout)] {
            if field.is_set() {
                members.insert(name.to_owned(), Expr::from(field));
            }
        }
        Expr::Object(members)
    }
}

impl Proxy {
    /// The beginning of the creation script.
    fn expr(&self) -> Expr {
        let https = if self.https_proxy.is_set() { &self.https_proxy } else { &self.http_proxy };
        let none: Option<Vec<&str>> = self.no_proxy.elements().map(Field::text).collect();
        match (self.http_proxy.text(), https.text(), none.filter(|_| self.no_proxy.is_whole())) {
            (Some(http), Some(https), Some(none)) => preamble(http, https, &none.join(",")).into(),
            _ => Expr::Unknown,
        }
    }
}

fn encoded(script: &str) -> Expr {
    BASE64.encode(script).into()
}

fn preamble(http: &str, https: &str, none: &str) -> String {
    // Some programs read only the upper case, some only the lower.
    let both = |name: &str, value: &str| {
        format!("export {name}='{value}'\nexport {}='{value}'\n", name.to_ascii_lowercase())
    };
    let lines = [both("HTTP_PROXY", http), both("HTTPS_PROXY", https), both("NO_PROXY", none)].concat();
    format!("{HEAD}{lines}{TAIL}")
}

/// What `setupScripts` says of these blocks; `None` where there is nothing to say.
pub(super) fn expr(scripts: Option<&SetupScripts>, proxy: Option<&Proxy>) -> Option<Expr> {
    let creation = scripts.and_then(|scripts| scripts.creation_script.as_ref());
    let startup = scripts.and_then(|scripts| scripts.startup_script.as_ref());
    let creation = match (creation, proxy) {
        (Some(script), proxy) => Some(script.expr(proxy.map(Proxy::expr))),
        (None, Some(proxy)) => {
            let data = match proxy.expr() {
                Expr::Json(Json::String(text)) => encoded(&text),
                _ => Expr::Unknown,
            };
            let data = Expr::At(origin(&proxy.http_proxy.path), Box::new(data));
            Some(body!({ "scriptSource": (INLINE), "scriptData": (data) }))
        }
        (None, None) => None,
    };
    let all = [("creationScript", creation), ("startupScript", startup.map(|script| script.expr(None)))];
    let all: Vec<_> = all.into_iter().filter_map(|(name, script)| Some((name, script?))).collect();
    (!all.is_empty()).then(|| body!({ "scripts": (Expr::object(all)) }))
}

/// The `setup_scripts` and `proxy` blocks that ask for the scripts of an
/// instance.
pub(super) fn recalled(inner: &Json) -> Arguments {
    let mut proxy = Value::Null;
    let mut scripts = Vec::new();
    for (argument, name) in SCRIPTS {
        let Some(found) = inner.pointer(&format!("/setupScripts/scripts/{name}")).filter(|it| it.is_object())
        else {
            continue;
        };
        let data = text(found, "/scriptData");
        let is_inline = found["scriptSource"].as_str().is_none_or(|word| word.eq_ignore_ascii_case(INLINE));
        let own = data
            .as_str()
            .filter(|_| is_inline)
            .and_then(|data| String::from_utf8(BASE64.decode(data).ok()?).ok());
        let own = match own.as_deref().and_then(proxy_of).filter(|_| argument == "creation_script") {
            Some((block, rest)) => {
                proxy = block;
                if rest.is_empty() {
                    continue;
                }
                Some(rest.to_owned())
            }
            None => own,
        };
        let script = Value::object([
            ("workspace_path", if own.is_none() { data } else { Value::Null }),
            ("inline", own.into()),
            ("arguments", text(found, "/scriptArguments")),
            ("timeout", text(found, "/timeout")),
        ]);
        scripts.push((argument, script));
    }
    let scripts = if scripts.is_empty() { Value::Null } else { Value::object(scripts) };
    vec![("setup_scripts", scripts), ("proxy", proxy)]
}

/// The `proxy` block whose script this one begins with, and the rest of it.
fn proxy_of(script: &str) -> Option<(Value, &str)> {
    let (lines, rest) = script.strip_prefix(HEAD)?.split_once(TAIL)?;
    let said = |name: &str| {
        let line = lines.lines().find_map(|line| line.strip_prefix(&format!("export {name}='")))?;
        line.strip_suffix('\'')
    };
    let (http, https, none) = (said("HTTP_PROXY")?, said("HTTPS_PROXY")?, said("NO_PROXY")?);
    if script != preamble(http, https, none) + rest {
        return None;
    }
    let block = Value::object([
        ("http_proxy", http.into()),
        ("https_proxy", if https == http { Value::Null } else { https.into() }),
        ("no_proxy", Value::list(none.split(',').filter(|one| !one.is_empty()))),
    ]);
    Some((block, rest))
}

/// An address that a shell takes as it stands. A password in it could be read
/// by all who may read the instance, so it is not repeated either.
fn check_proxy(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    if text.contains('@') {
        problems.error(
            path.clone(),
            "The address of a proxy must hold no user and no password",
            "Whoever may read the instance may read its scripts. Let the proxy know the subnet instead.",
        );
    } else if !host.is_some_and(|host| !host.is_empty() && host.chars().all(is_plain)) {
        problems.error(
            path.clone(),
            format!("{text:?} is not the address of a proxy"),
            "It is written like \"http://10.10.2.4:3128\".",
        );
    }
}

fn check_no_proxy(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && (text.is_empty() || !text.chars().all(|c| is_plain(c) || c == '*'))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is neither a name nor an address"),
            "It is written like \"10.10.0.0/16\", \"localhost\" or \".azurecr.io\".",
        );
    }
}

/// What hosts, ports, ranges and addresses in brackets are made of.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '_' | '/' | '[' | ']')
}

fn check_timeout(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value {
        let digits = text.trim_end_matches(['s', 'm', 'h', 'd']);
        let unit = text.len() - digits.len();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || unit > 1 {
            problems.error(
                path.clone(),
                format!("{text:?} is not a time that a script can be given"),
                "It is a number and a unit: \"90s\", \"20m\" or \"1h\".",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_told_from_the_script_that_it_begins() {
        let script = preamble("http://p:1", "http://p:1", "localhost,10.0.0.0/8") + "pip install x\n";
        let (block, rest) = proxy_of(&script).unwrap();
        assert_eq!(rest, "pip install x\n");
        assert_eq!(block.attribute("https_proxy"), &Value::Null);
        assert_eq!(block.attribute("no_proxy"), &Value::list(["localhost", "10.0.0.0/8"]));
    }

    #[test]
    fn a_script_that_only_looks_like_it_is_the_users_own() {
        let script = preamble("http://p:1", "http://p:1", "").replace("export https", "export ftp");
        assert_eq!(proxy_of(&script), None);
        assert_eq!(proxy_of("echo hello"), None);
    }
}
