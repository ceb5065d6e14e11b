//! The `ssl` block of an inference cluster: what scoring is served with.

use crate::engine::graph::{Expr, Secret};
use crate::resources::expansion::{origin, spoken};
use crate::schema::Diagnostics;
use crate::schema::config::{Field, State};
use crate::{block, body};

block! {
    /// The certificate that scoring is served with: yours, or for a public address of a cluster of the type
    /// `AKS` one that Microsoft makes for a `leaf_domain_label`.
    pub struct Tls {
        /// The certificate and its chain, as PEM.
        pub cert: Field<String> = optional(),
        /// The key of the certificate, as PEM. It is sent and never kept, so that a new key takes effect with
        /// its certificate.
        pub key: Field<String> = optional().sensitive().write_only(),
        /// The host name that the certificate is for. Your DNS leads it to the load balancer.
        pub cname: Field<String> = optional(),
        /// What the host name begins with that Microsoft makes a certificate for.
        pub leaf_domain_label: Field<String> = optional(),
        /// Whether a host name of the same beginning is taken over.
        pub overwrite_existing_domain: Field<bool> = optional(),
    }
}

impl Tls {
    /// `by_extension` and `internal` say how the cluster is attached and
    /// reached, where that is known.
    pub(super) fn check(
        &self,
        by_extension: Option<bool>,
        internal: Option<bool>,
        problems: &mut Diagnostics,
    ) {
        let own = [("cert", &self.cert), ("key", &self.key), ("cname", &self.cname)];
        let label = &self.leaf_domain_label;
        if label.is_set() {
            for (name, field) in own.into_iter().filter(|(_, field)| field.is_set()) {
                problems.error(
                    field.path.clone(),
                    format!("{name} and leaf_domain_label exclude each other"),
                    "The certificate is yours or Microsoft's: leave one of them out.",
                );
            }
            if by_extension == Some(true) {
                problems.error(
                    label.path.clone(),
                    "Only a cluster of the type AKS has a leaf_domain_label",
                    "Give cert, key and cname, or set compute_type = \"AKS\".",
                );
            } else if internal == Some(true) {
                problems.error(
                    label.path.clone(),
                    "Microsoft makes certificates for public addresses only",
                    "Give cert, key and cname, or set load_balancer_type = \"PublicIp\".",
                );
            }
            return;
        }
        for (name, field) in own.into_iter().filter(|(_, field)| field.is_null()) {
            problems.error(
                field.path.clone(),
                format!("A certificate of yours needs its {name}"),
                "Give cert, key and cname together.",
            );
        }
        if self.overwrite_existing_domain.is_set() {
            problems.error(
                self.overwrite_existing_domain.path.clone(),
                "overwrite_existing_domain goes with leaf_domain_label",
                "A certificate of yours has the host name that stands in it. Leave it out.",
            );
        }
    }

    fn key(&self) -> Expr {
        let inner = match &self.key.state {
            State::Null => return Expr::Json(serde_json::Value::Null),
            State::Unknown => Expr::Unknown,
            State::Known(key) => Expr::Secret(Secret::new(key.clone())),
        };
        Expr::At(origin(&self.key.path), Box::new(inner))
    }

    /// What version 1 is told.
    pub(super) fn legacy(&self) -> Expr {
        let status = match &self.leaf_domain_label.state {
            State::Null => "Enabled".into(),
            State::Unknown => Expr::Unknown,
            State::Known(_) => "Auto".into(),
        };
        spoken(body!({
            "status": (status),
            "cert": (&self.cert),
            "key": (self.key()),
            "cname": (&self.cname),
            "leafDomainLabel": (&self.leaf_domain_label),
            "overwriteExistingDomain": (&self.overwrite_existing_domain),
        }))
    }

    /// What the extension is told, and nobody reads back.
    pub(super) fn protected(&self) -> Expr {
        spoken(body!({ "sslCertPemFile": (&self.cert), "sslKeyPemFile": (self.key()) }))
    }
}

/// What version 1 is told where scoring has no TLS.
pub(super) fn disabled() -> Expr {
    body!({ "status": "Disabled" })
}
